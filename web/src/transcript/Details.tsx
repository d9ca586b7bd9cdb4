// What people add to a recording, at the head of its transcript: title, star, tags, notes, archive.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { changeDetails, nameOf, notesMax } from '../api/details';
import type { Job } from '../api/queries';
import { useMessages } from '../i18n/messages';
import { archiveJobs, starJobs } from '../screens/library/actions';
import { RenameField } from '../screens/library/Rename';
import { TagChip, TagsDialog } from '../screens/library/Tags';
import { libraryText } from '../screens/library/text';
import { Badge } from '../ui/Button';
import { cx } from '../ui/cx';
import { TextArea } from '../ui/Field';
import { Icon, type IconName } from '../ui/Icon';
import { transcriptText } from './text';

export function Title({ job }: { job: Job }) {
  const t = useMessages(libraryText);
  const [renaming, setRenaming] = useState(false);
  const look = 'font-serif text-2xl leading-tight font-semibold tracking-tight';
  if (renaming) return <RenameField job={job} className={cx(look, 'min-h-10')} onDone={() => setRenaming(false)} />;
  return (
    <div className="group flex items-start gap-1">
      <h1 className={cx(look, 'line-clamp-2 min-w-0 break-words')}>
        <bdi>{nameOf(job)}</bdi>
      </h1>
      <button
        type="button"
        aria-label={t('rename')}
        title={t('rename')}
        className="grid size-8 shrink-0 place-items-center rounded-lg text-soft opacity-0 transition-opacity group-hover:opacity-100 hover:bg-sunken hover:text-ink focus-visible:opacity-100 [@media(hover:none)]:opacity-100"
        onClick={() => setRenaming(true)}
      >
        <Icon name="pencil" className="size-4" />
      </button>
    </div>
  );
}

function Small({ icon, filled, pressed, label, onClick }: { icon: IconName; filled?: boolean; pressed?: boolean; label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      className="inline-flex min-h-8 items-center gap-1.5 justify-center rounded-lg px-2 text-sm text-soft hover:bg-sunken hover:text-ink max-sm:size-11"
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} filled={filled} className={cx('size-4 max-sm:size-5', filled && 'text-star')} />
      <span className="max-sm:sr-only">{label}</span>
    </button>
  );
}

export function Details({ job }: { job: Job }) {
  const t = useMessages(libraryText);
  const tt = useMessages(transcriptText);
  const navigate = useNavigate();
  const [tagging, setTagging] = useState(false);
  const [open, setOpen] = useState(false);
  const tags = job.tags ?? [];
  return (
    <>
      <div className="-ms-2 mt-1 flex flex-wrap items-center gap-x-1 gap-y-1.5">
        <Small icon="star" filled={job.starred} pressed={job.starred === true} label={job.starred ? t('starredOnes') : t('star')} onClick={() => void starJobs([job], !job.starred)} />
        <Small icon="tag" label={t('editTags')} onClick={() => setTagging(true)} />
        <Small icon="note" label={job.notes ? tt('notes') : tt('addNotes')} pressed={open} onClick={() => setOpen(!open)} />
        <Small icon="archive" label={job.archived ? t('unarchive') : t('toArchive')} onClick={() => void archiveJobs([job], !job.archived)} />
        {job.archived ? <Badge>{t('archived')}</Badge> : null}
        {tags.map((tag) => (
          <TagChip key={tag} tag={tag} onClick={() => void navigate({ to: '/', search: { tag } })} />
        ))}
      </div>
      {open ? <Notes job={job} /> : null}
      {tagging ? <TagsDialog jobs={[job]} onClose={() => setTagging(false)} /> : null}
    </>
  );
}

/** Stored when the field is left. */
function Notes({ job }: { job: Job }) {
  const t = useMessages(transcriptText);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <div className="mt-2">
      <TextArea
        label={t('notes')}
        rows={4}
        maxLength={notesMax}
        value={typed ?? job.notes ?? ''}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => {
          if (typed === null || typed === (job.notes ?? '')) return;
          void changeDetails([job], () => ({ notes: typed }), t('notesSaved')).then(() => setTyped(null));
        }}
      />
    </div>
  );
}
