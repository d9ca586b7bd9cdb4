// The title as a field, in its place: Enter and leaving keep it, Escape does not.
import { useEffect, useRef, useState } from 'react';
import { changeDetails, nameOf, titleMax } from '../../api/details';
import type { Job } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { cx } from '../../ui/cx';
import { libraryText } from './text';

export function RenameField({ job, onDone, className }: { job: Job; onDone: () => void; className?: string }) {
  const t = useMessages(libraryText);
  const [typed, setTyped] = useState(nameOf(job));
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useEffect(() => {
    // After the menu that led here has given the focus back.
    const timer = setTimeout(() => field.current?.select(), 50);
    return () => clearTimeout(timer);
  }, []);
  const end = (keep: boolean) => {
    if (over.current) return;
    over.current = true;
    onDone();
    const title = typed.trim();
    // Empty is the name of the file again.
    if (keep && title !== nameOf(job)) void changeDetails([job], () => ({ title: title === job.filename ? null : title || null }), t('renamed'));
  };
  return (
    <input
      ref={field}
      value={typed}
      maxLength={titleMax}
      dir="auto"
      aria-label={t('titleOf', { name: nameOf(job) })}
      className={cx('w-full min-w-0 rounded-md border border-accent bg-surface px-2', className)}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => end(document.activeElement !== field.current)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(true);
        if (event.key === 'Escape') end(false);
        event.stopPropagation();
      }}
    />
  );
}
