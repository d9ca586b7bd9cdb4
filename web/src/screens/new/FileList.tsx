// The chosen files before they are sent: what is known of each, and what speaks against it.
import { Link } from '@tanstack/react-router';
import { formatAgo, formatBytes, formatClock } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { IconButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { type Pending, removePending } from '../../uploads/pending';
import { newText } from './text';

export function faultOf(entry: Pending, bytesMax: number | null): 'notARecording' | 'empty' | 'tooLarge' | null {
  if (entry.kind === 'other') return 'notARecording';
  if (entry.file.size === 0) return 'empty';
  if (bytesMax !== null && entry.file.size > bytesMax) return 'tooLarge';
  return null;
}

export function FileList({ entries, bytesMax }: { entries: Pending[]; bytesMax: number | null }) {
  const t = useMessages(newText);
  return (
    <ul className="card divide-y divide-line">
      {entries.map((entry) => {
        const fault = faultOf(entry, bytesMax);
        return (
          <li key={entry.id} className="flex items-center gap-3 py-2 ps-4 pe-2">
            <Icon name={fault ? 'alert' : entry.kind === 'video' ? 'video' : 'wave'} className={fault ? 'text-danger' : 'text-soft'} />
            <div className="min-w-0 flex-1">
              <p className="truncate text-sm font-medium" title={entry.name}>
                {entry.name}
              </p>
              <p className="figures text-xs text-soft">
                {formatBytes(entry.file.size)}
                {fault ? null : ' · '}
                {fault ? null : entry.seconds === undefined ? t('probing') : entry.seconds === null ? t('lengthUnknown') : formatClock(entry.seconds)}
              </p>
              {fault ? <p className="text-xs text-danger">{t(fault, { size: formatBytes(bytesMax ?? 0) })}</p> : null}
              {entry.duplicate && !fault ? (
                <p className="text-xs text-warn">
                  {t('duplicate', { ago: formatAgo(entry.duplicate.created_at) })}{' '}
                  <Link to="/transcript/$jobId" params={{ jobId: entry.duplicate.id }} className="font-medium underline underline-offset-2">
                    {t('duplicateOpen')}
                  </Link>
                </p>
              ) : null}
            </div>
            <IconButton icon="close" label={t('remove', { name: entry.name })} onClick={() => removePending(entry.id)} />
          </li>
        );
      })}
    </ul>
  );
}
