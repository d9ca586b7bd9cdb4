// Starred, put away, and by tag: chips below the search box, as far as there is anything to choose.
import { useQuery } from '@tanstack/react-query';
import { statsQuery } from '../../api/queries';
import type { LibrarySearch } from '../../app/router';
import { formatNumber } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { cx } from '../../ui/cx';
import { Icon, type IconName } from '../../ui/Icon';
import { libraryText } from './text';

/** The server gives the most used first; others are found by the search box. */
const tagsShown = 16;

function Filter({ icon, on, count, onClick, children }: { icon?: IconName; on: boolean; count?: number; onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      className={cx('inline-flex min-h-8 max-w-64 shrink-0 items-center gap-1.5 rounded-full border px-3 text-sm font-medium whitespace-nowrap max-sm:min-h-11', on ? 'border-accent bg-accent-wash text-accent-strong' : 'border-line bg-surface text-soft hover:text-ink')}
      onClick={onClick}
    >
      {icon ? <Icon name={icon} className="size-4" /> : null}
      <bdi className="truncate">{children}</bdi>
      {count ? <span className="figures text-xs">{formatNumber(count)}</span> : null}
    </button>
  );
}

export function Filters({ search, onChange }: { search: LibrarySearch; onChange: (part: Partial<LibrarySearch>) => void }) {
  const t = useMessages(libraryText);
  const stats = useQuery(statsQuery).data;
  const tags = (stats?.tags ?? []).slice(0, tagsShown);
  const named = tags.some((entry) => entry.tag === search.tag);
  if (!stats?.starred && !stats?.archived && tags.length === 0 && !search.tag && !search.starred && !search.archived) return null;
  return (
    <div role="group" aria-label={t('filterMore')} className="-mx-1 mb-3 flex gap-2 overflow-x-auto px-1 py-1 sm:flex-wrap">
      {stats?.starred || search.starred ? (
        <Filter icon="star" on={Boolean(search.starred)} count={stats?.starred} onClick={() => onChange({ starred: search.starred ? undefined : true })}>
          {t('starredOnes')}
        </Filter>
      ) : null}
      {stats?.archived || search.archived ? (
        <Filter icon="archive" on={Boolean(search.archived)} count={stats?.archived} onClick={() => onChange({ archived: search.archived ? undefined : true })}>
          {t('archive')}
        </Filter>
      ) : null}
      {search.tag && !named ? (
        <Filter on onClick={() => onChange({ tag: undefined })}>
          {search.tag}
        </Filter>
      ) : null}
      {tags.map((entry) => (
        <Filter key={entry.tag} on={entry.tag === search.tag} count={entry.jobs} onClick={() => onChange({ tag: entry.tag === search.tag ? undefined : entry.tag })}>
          {entry.tag ?? ''}
        </Filter>
      ))}
    </div>
  );
}
