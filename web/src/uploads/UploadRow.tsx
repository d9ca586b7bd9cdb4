// One upload under way, with what can be done about it.
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { ApiProblem } from '../api/problem';
import { formatBytes, formatNumber } from '../i18n/format';
import { useMessages } from '../i18n/messages';
import { Button, IconButton } from '../ui/Button';
import { ErrorPanel } from '../ui/ErrorPanel';
import { Progress } from '../ui/Progress';
import { toast } from '../ui/Toast';
import { giveFile, pauseUpload, removeUpload, reopenFile, resumeUpload, type Upload } from './store';
import { uploadText } from './text';

function lacksSpace(error: unknown): boolean {
  return error instanceof ApiProblem && ['QUOTA_EXCEEDED', 'STORAGE_FULL'].includes(error.code);
}

/** `detailed`: a failure is told in full below it. */
export function UploadRow({ upload, detailed = false }: { upload: Upload; detailed?: boolean }) {
  const t = useMessages(uploadText);
  const input = useRef<HTMLInputElement>(null);
  const { state, name } = upload;
  const percent = upload.size > 0 ? (100 * upload.sent) / upload.size : 0;
  const line = () => {
    if (upload.interrupted) return t('interrupted');
    if (state === 'sending') return upload.rate > 0 ? t('sendingRate', { rate: formatBytes(upload.rate) }) : t('sending');
    if (state === 'failed') return detailed || !(upload.error instanceof Error) ? t('failed') : upload.error.message;
    if (state === 'done') return t('sent');
    return t(state);
  };
  const chooseAgain = async () => {
    if (!(await reopenFile(upload.id))) input.current?.click();
  };
  return (
    <li className="py-2.5">
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <p className="truncate text-sm font-medium" title={name}>
            {name}
          </p>
          <p className={`text-xs ${state === 'failed' || state === 'needsFile' ? 'text-danger' : 'text-soft'}`}>
            {state === 'sending' || state === 'paused' ? `${formatNumber(percent)} % · ` : ''}
            {line()}
          </p>
        </div>
        {state === 'sending' || state === 'waiting' ? <IconButton icon="pause" label={t('pause', { name })} onClick={() => pauseUpload(upload.id)} /> : null}
        {state === 'paused' ? <IconButton icon="play" label={t('resume', { name })} onClick={() => resumeUpload(upload.id)} /> : null}
        {state === 'failed' && !detailed ? <IconButton icon="restart" label={t('retry', { name })} onClick={() => resumeUpload(upload.id)} /> : null}
        {state === 'done' && upload.jobId ? (
          <Button asChild look="quiet">
            <Link to="/transcript/$jobId" params={{ jobId: upload.jobId }}>
              {t('open')}
            </Link>
          </Button>
        ) : null}
        <IconButton icon="close" label={t('remove', { name })} onClick={() => void removeUpload(upload.id)} />
      </div>
      {state === 'failed' && detailed ? (
        <div className="mt-2">
          <ErrorPanel
            title={t('failedTitle', { name })}
            error={upload.error}
            consequence={t('failedConsequence')}
            next={t(lacksSpace(upload.error) ? 'failedSpaceNext' : 'failedNext')}
            onRetry={() => resumeUpload(upload.id)}
            report={{ file_size: upload.size, sent: upload.sent }}
          />
        </div>
      ) : null}
      {state === 'needsFile' ? (
        <>
          <Button className="mt-1.5" icon="file" onClick={() => void chooseAgain()}>
            {t('choose')}
          </Button>
          <input
            ref={input}
            type="file"
            className="hidden"
            aria-label={t('choose')}
            onChange={async (event) => {
              const file = event.target.files?.[0];
              event.target.value = '';
              if (file && !(await giveFile(upload.id, file))) toast(t('otherFile'), { tone: 'danger' });
            }}
          />
        </>
      ) : null}
      {state === 'sending' || state === 'paused' ? <Progress className="mt-1.5" value={percent} label={name} /> : null}
    </li>
  );
}
