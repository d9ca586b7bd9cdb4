// From a recording to a queued job: files, folders or the microphone; options; sending.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Page } from '../../app/Page';
import { formatBytes, formatLength } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Icon, type IconName } from '../../ui/Icon';
import { getOptions, optionFields, resetOptions, setOptions, useOptions } from '../../uploads/options';
import { addPending, sendSample, filesMax, pickFiles, refusedCount, sendPending, usePending } from '../../uploads/pending';
import { addUploads, useUploads } from '../../uploads/store';
import { bytesMax as askBytesMax } from '../../uploads/tus';
import { UploadRow } from '../../uploads/UploadRow';
import { uploadText } from '../../uploads/text';
import { faultOf, FileList } from './FileList';
import { OptionsPanel } from './OptionsPanel';
import { Recorder } from './Recorder';
import { newText } from './text';

export const bytesMaxQuery = { queryKey: ['bytesMax'], queryFn: askBytesMax, staleTime: Number.POSITIVE_INFINITY };

function Pill({ chosen, icon, onClick, children }: { chosen: boolean; icon: IconName; onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      role="radio"
      aria-checked={chosen}
      className={cx('flex min-h-10 items-center gap-2 rounded-full px-4 text-sm font-medium', chosen ? 'bg-surface text-ink shadow-card dark:bg-line' : 'text-soft hover:text-ink')}
      onClick={onClick}
    >
      <Icon name={icon} className="size-4.5" />
      {children}
    </button>
  );
}

function DropZone({ bytesMax, small }: { bytesMax: number | null; small: boolean }) {
  const t = useMessages(newText);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) =>
    addPending([...(list ?? [])].filter((file) => !file.name.startsWith('.')).map((file) => ({ file, name: file.name, handle: null })));
  const choose = async () => {
    const chosen = await pickFiles();
    if (chosen) addPending(chosen);
    else files.current?.click();
  };
  return (
    <div className={cx('flex flex-col items-center gap-4 rounded-[var(--radius-card)] border-2 border-dashed border-line-strong bg-surface px-6 text-center', small ? 'py-6' : 'py-14')}>
      {small ? null : (
        <>
          <span className="grid size-14 place-items-center rounded-full bg-accent-wash text-accent-strong">
            <Icon name="upload" className="size-7" />
          </span>
          <div>
            <p className="font-serif text-xl font-semibold">{t('dropTitle')}</p>
            <p className="mt-1 text-soft">{bytesMax ? t('dropHint', { size: formatBytes(bytesMax) }) : t('dropHintNoLimit')}</p>
          </div>
        </>
      )}
      <div className="flex flex-wrap justify-center gap-2">
        <Button look={small ? 'secondary' : 'primary'} icon="file" onClick={() => void choose()}>
          {t('chooseFiles')}
        </Button>
        <Button icon="folder" onClick={() => folder.current?.click()}>
          {t('chooseFolder')}
        </Button>
      </div>
      <input ref={files} type="file" multiple className="hidden" data-testid="files" aria-label={t('chooseFiles')} onChange={(e) => { take(e.target.files); e.target.value = ''; }} />
      <input
        ref={(element) => {
          folder.current = element;
          element?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        multiple
        className="hidden"
        aria-label={t('chooseFolder')}
        onChange={(e) => { take(e.target.files); e.target.value = ''; }}
      />
    </div>
  );
}

export function NewPage() {
  const t = useMessages(newText);
  const tu = useMessages(uploadText);
  const navigate = useNavigate();
  const pending = usePending();
  const uploads = useUploads();
  const options = useOptions();
  const bytesMax = useQuery(bytesMaxQuery).data ?? null;
  const [source, setSource] = useState<'file' | 'microphone'>('file');
  // Whoever is told of a recording that was not sent is led to it, also from this page.
  const asked = useRouterState({ select: (state) => (state.location.hash === 'microphone' ? state.location.state.__TSR_key : null) });
  useEffect(() => {
    if (asked !== null) setSource('microphone');
  }, [asked]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const sendable = pending.filter((entry) => faultOf(entry, bytesMax) === null);
  const seconds = sendable.reduce((sum, entry) => sum + (entry.seconds ?? 0), 0);
  const bytes = sendable.reduce((sum, entry) => sum + entry.file.size, 0);

  const attempt = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page title={t('title')}>
      <div className="flex flex-col gap-5">
        <div role="radiogroup" aria-label={t('source')} className="flex w-fit gap-1 self-center rounded-full bg-sunken p-1">
          <Pill chosen={source === 'file'} icon="file" onClick={() => setSource('file')}>
            {t('fromFile')}
          </Pill>
          <Pill chosen={source === 'microphone'} icon="mic" onClick={() => setSource('microphone')}>
            {t('fromMicrophone')}
          </Pill>
        </div>
        {uploads.length > 0 ? (
          <section className="card px-4 py-3">
            <h2 className="py-1 text-sm font-semibold">{t('uploading')}</h2>
            <ul className="divide-y divide-line">
              {uploads.map((upload) => (
                <UploadRow key={upload.id} upload={upload} detailed />
              ))}
            </ul>
          </section>
        ) : null}
        {source === 'file' ? (
          <>
            {pending.length > 0 ? <FileList entries={pending} bytesMax={bytesMax} /> : null}
            <DropZone bytesMax={bytesMax} small={pending.length > 0 || uploads.length > 0} />
            {refusedCount() > 0 ? <p className="text-sm text-warn">{t('tooMany', { count: refusedCount(), max: filesMax })}</p> : null}
          </>
        ) : (
          <Recorder
            onSend={(file, length) =>
              void attempt(async () => {
                await addUploads([{ file, seconds: length }], optionFields(getOptions()));
                await navigate({ to: '/' });
              })
            }
          />
        )}
        <OptionsPanel options={options} onChange={setOptions} onReset={resetOptions} />
        {error ? <ErrorPanel title={tu('failed')} error={error} /> : null}
        <div className="flex flex-wrap items-center gap-3 max-sm:flex-col max-sm:items-stretch">
          {source === 'file' && sendable.length > 0 ? (
            <>
              <Button look="primary" icon="upload" busy={busy} className="min-h-11 px-5" onClick={() => void attempt(() => sendPending(optionFields(getOptions()), bytesMax))}>
                {t('start', { count: sendable.length })}
              </Button>
              <span className="figures text-sm text-soft">{seconds > 0 ? t('total', { length: formatLength(seconds), size: formatBytes(bytes) }) : formatBytes(bytes)}</span>
            </>
          ) : source === 'file' && pending.length === 0 && uploads.length === 0 ? (
            <Button look="quiet" icon="play" busy={busy} className="mx-auto" onClick={() =>
                void attempt(async () => {
                  const jobId = await sendSample(optionFields(getOptions()));
                  await navigate({ to: '/transcript/$jobId', params: { jobId } });
                })
              }>
              {t('useSample')}
            </Button>
          ) : null}
        </div>
      </div>
    </Page>
  );
}
