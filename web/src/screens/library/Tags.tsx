// Tags: chips to show them, and the dialog that gives them to one recording or to many.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeDetails, changeTags, nameOf, tagMax } from '../../api/details';
import { type Job, statsQuery } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { libraryText } from './text';

const chip = 'inline-flex items-center gap-1 rounded-full border font-medium whitespace-nowrap transition-colors';

export function TagChip({ tag, on, onClick }: { tag: string; on?: boolean; onClick: () => void }) {
  const t = useMessages(libraryText);
  return (
    <button
      type="button"
      aria-pressed={on}
      title={t('onlyTag', { tag })}
      className={cx(chip, 'min-h-6 max-w-48 px-2 text-xs max-sm:min-h-7', on ? 'border-accent bg-accent-wash text-accent-strong' : 'border-line bg-surface text-soft hover:border-line-strong hover:text-ink')}
      onClick={onClick}
    >
      <bdi className="truncate">{tag}</bdi>
    </button>
  );
}

/** Whether all, some or none of the recordings have a tag. */
function shareOf(jobs: Job[], tag: string): boolean | 'mixed' {
  const count = jobs.filter((job) => job.tags?.includes(tag)).length;
  return count === 0 ? false : count === jobs.length ? true : 'mixed';
}

export function TagsDialog({ jobs, onClose }: { jobs: Job[]; onClose: () => void }) {
  const t = useMessages(libraryText);
  const known = useQuery(statsQuery).data?.tags ?? [];
  const [changes, setChanges] = useState<Record<string, boolean>>({});
  const [typed, setTyped] = useState('');
  const tags = [...new Set([...jobs.flatMap((job) => job.tags ?? []), ...Object.keys(changes), ...known.map((entry) => entry.tag ?? '')])].filter(Boolean);
  const add = (): Record<string, boolean> => {
    const names = typed.split(',').map((name) => name.trim()).filter(Boolean);
    const next = { ...changes, ...Object.fromEntries(names.map((name) => [name, true])) };
    setChanges(next);
    setTyped('');
    return next;
  };
  const save = () => {
    const all = typed.trim() ? add() : changes;
    const added = Object.keys(all).filter((tag) => all[tag]);
    const removed = Object.keys(all).filter((tag) => !all[tag]);
    onClose();
    if (added.length + removed.length === 0) return;
    void changeDetails(jobs, (job) => ({ tags: changeTags(job.tags ?? [], added, removed) }), t('tagsChanged', { count: jobs.length }));
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('tags')}
      description={jobs.length === 1 ? nameOf(jobs[0]) : t('selected', { count: jobs.length })}
      footer={
        <>
          <Button onClick={onClose}>{t('leaveAsIs')}</Button>
          <Button look="primary" onClick={save}>
            {t('applyTags')}
          </Button>
        </>
      }
    >
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <div className="flex-1">
          <TextField label={t('newTag')} value={typed} maxLength={tagMax * 4} dir="auto" autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
        </div>
        <Button type="submit" icon="plus" disabled={typed.trim() === ''}>
          {t('addTag')}
        </Button>
      </form>
      {tags.length > 0 ? (
        <div role="group" aria-label={t('tags')} className="mt-4 flex flex-wrap gap-2 pb-1">
          {tags.map((tag) => {
            const share = changes[tag] ?? shareOf(jobs, tag);
            return (
              <button
                key={tag}
                type="button"
                aria-pressed={share}
                className={cx(chip, 'min-h-9 max-w-full px-3 text-sm max-sm:min-h-11', share === true ? 'border-accent bg-accent-wash text-accent-strong' : share === 'mixed' ? 'border-dashed border-accent' : 'border-line hover:border-line-strong')}
                onClick={() => setChanges({ ...changes, [tag]: share !== true })}
              >
                {share === true ? <Icon name="check" className="size-3.5" /> : null}
                <bdi className="truncate">{tag}</bdi>
              </button>
            );
          })}
        </div>
      ) : null}
    </Dialog>
  );
}
