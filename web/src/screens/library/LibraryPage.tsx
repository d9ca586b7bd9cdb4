// All recordings: grouped by day, searched, filtered, sorted, and many changed at once. Only the rows
// in view are in the document.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { nameOf } from '../../api/details';
import { failureOf, fetchJobs, formatsQuery, isEnded, type Job, type JobPage, statsQuery } from '../../api/queries';
import { type FoundPage, searchJobs } from '../../api/search';
import type { LibrarySearch } from '../../app/router';
import { Page } from '../../app/Page';
import { intlLocale } from '../../i18n/locale';
import { languageName } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { SelectBox } from '../../ui/Field';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { formatName } from '../../ui/formatNames';
import { Loading } from '../../ui/Loading';
import { Menu, MenuItem } from '../../ui/Menu';
import { archiveJobs, canCancel, canDelete, canDownload, canRestart, cancelJobs, deleteJobs, downloadJobs, restartJobs, starJobs } from './actions';
import { EmptyLibrary } from './EmptyLibrary';
import { Filters } from './Filters';
import { groupOf } from './group';
import { JobRow } from './JobRow';
import { SearchBox } from './SearchBox';
import { TagsDialog } from './Tags';
import { libraryText } from './text';

const pageSize = 100;
/** Of results with their places in the texts; a divisor of what was got so far is a whole page. */
const foundSize = 20;
const statuses: Record<string, string> = {
  active: 'queued|processing|enriching',
  completed: 'completed',
  failed: 'failed|failed_timeout|failed_launch_error|failed_whisper_error|failed_thread_exception|failed_unknown',
  cancelled: 'cancelled',
};
const sorts: Record<string, { sort_by: string; sort_order: string }> = {
  newest: { sort_by: 'created_at', sort_order: 'desc' },
  oldest: { sort_by: 'created_at', sort_order: 'asc' },
  name: { sort_by: 'title', sort_order: 'asc' },
  longest: { sort_by: 'duration', sort_order: 'desc' },
};
/** While words are looked for, the best come first unless another order is chosen. */
const orders: Record<string, string> = { newest: 'date_desc', oldest: 'date_asc', name: 'filename', longest: 'duration_desc' };
/** Offered before anything was transcribed in another one. */
const commonLanguages = ['en', 'de'];

/** Who speaks is known some seconds after the end. */
const settledMs = 15_000;
const moves = (job: Job) => !isEnded(job.status) || (typeof job.finished_at === 'string' && Date.now() - Date.parse(job.finished_at) < settledMs);

type Row = { heading: string } | { job: Job };

function useRows(jobs: Job[], byDay: boolean): Row[] {
  const t = useMessages(libraryText);
  return useMemo(() => {
    if (!byDay) return jobs.map((job) => ({ job }));
    const now = new Date();
    const month = new Intl.DateTimeFormat(intlLocale(), { month: 'long', year: 'numeric' });
    const rows: Row[] = [];
    let last = '';
    for (const job of jobs) {
      const created = new Date(job.created_at);
      const group = groupOf(created, now);
      const heading = group.key === 'month' ? month.format(created) : t(group.key);
      if (heading !== last) rows.push({ heading });
      last = heading;
      rows.push({ job });
    }
    return rows;
  }, [jobs, byDay, t]);
}

function Chooser({ label, value, onChange, children }: { label: string; value: string; onChange: (value: string) => void; children: ReactNode }) {
  return (
    <SelectBox
      frame="max-sm:flex-auto"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="min-h-10 rounded-lg border border-line bg-surface truncate ps-3 text-sm font-medium max-sm:min-h-11 max-sm:ps-2.5 max-sm:pe-7 max-sm:field-sizing-content"
    >
      {children}
    </SelectBox>
  );
}

export function LibraryPage() {
  const t = useMessages(libraryText);
  const navigate = useNavigate();
  const search = useSearch({ from: '/app/' });
  const status = search.status && statuses[search.status] ? search.status : '';
  const query = search.q?.trim() ?? '';
  const sort = search.sort && sorts[search.sort] ? search.sort : query ? 'relevance' : 'newest';
  const [text, setText] = useState(search.q ?? '');
  const wanted = useDeferredValue(text);
  const change = (part: Partial<LibrarySearch>) => void navigate({ to: '/', search: { ...search, ...part }, replace: true });
  const changeRef = useRef(change);
  changeRef.current = change;
  useEffect(() => {
    const timer = setTimeout(() => {
      if ((search.q ?? '') !== wanted) changeRef.current({ q: wanted || undefined });
    }, 250);
    return () => clearTimeout(timer);
  }, [wanted, search.q]);

  const list = useInfiniteQuery({
    queryKey: ['jobs', 'list', { query, status, language: search.language, tag: search.tag, starred: search.starred, archived: search.archived, sort }],
    queryFn: ({ pageParam, signal }): Promise<JobPage & Partial<FoundPage>> => {
      const shared = { language: search.language, tag: search.tag, starred: search.starred };
      if (query === '') {
        return fetchJobs({ skip: pageParam, limit: pageSize, status: statuses[status], ...shared, archived: search.archived === true, ...sorts[sort] }, signal);
      }
      // Who looks for words looks among what was put away as well.
      const filters = { ...shared, archived: search.archived, statuses: statuses[status]?.split('|') };
      return searchJobs({ query, order: orders[sort] ?? 'relevance', skip: pageParam, size: foundSize, filters }, signal);
    },
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const have = pages.reduce((sum, page) => sum + page.jobs.length, 0);
      return last.jobs.length > 0 && have < last.total ? have : undefined;
    },
    // What runs moves by itself; the rest changes only when somebody does something.
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.jobs.some(moves)) ? 4_000 : false),
    placeholderData: (before) => before,
  });
  const failure = failureOf(list);
  const formats = useQuery(formatsQuery).data ?? [];
  const jobs = useMemo(() => list.data?.pages.flatMap((page) => page.jobs) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total ?? 0;
  const matches = useMemo(() => new Map(list.data?.pages.flatMap((page) => [...(page.matches ?? [])]) ?? []), [list.data]);
  const stats = useQuery(statsQuery).data;
  const tags = useMemo(() => (stats?.tags ?? []).flatMap((entry) => entry.tag ?? []), [stats]);
  const speakers = useMemo(() => jobs.flatMap((job) => job.speakers ?? []), [jobs]);
  const rows = useRows(jobs, query === '' && (sort === 'newest' || sort === 'oldest'));
  const filtered = Boolean(query || status || search.language || search.tag || search.starred || search.archived);
  const languages = [...new Set([...commonLanguages, ...jobs.map((job) => job.detected_language ?? '').filter(Boolean), search.language ?? ''])].filter(Boolean);

  const [selection, setSelection] = useState<Set<string> | null>(null);
  const lastPicked = useRef<string | null>(null);
  const [doomed, setDoomed] = useState<Job[]>([]);
  const [tagging, setTagging] = useState<Job[]>([]);
  const [ending, setEnding] = useState<Job[]>([]);
  const [busy, setBusy] = useState(false);
  const chosen = jobs.filter((job) => selection?.has(job.id));
  const select = (job: Job, on: boolean, range: boolean) => {
    const next = new Set(selection ?? []);
    const from = range && lastPicked.current ? jobs.findIndex((other) => other.id === lastPicked.current) : -1;
    const to = jobs.indexOf(job);
    const picked = from < 0 ? [job] : jobs.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const one of picked) {
      if (on) next.add(one.id);
      else next.delete(one.id);
    }
    lastPicked.current = job.id;
    setSelection(next);
  };
  const carryOut = async (act: (jobs: Job[]) => Promise<void>, on: Job[]) => {
    setBusy(true);
    await act(on);
    setBusy(false);
    setDoomed([]);
    setEnding([]);
    setSelection(null);
  };

  return (
    <Page
      title={t('title')}
      wide
      actions={
        jobs.length > 0 ? (
          <>
            <span className="text-sm text-soft max-sm:hidden">{t('count', { count: total })}</span>
            {selection === null ? (
              <Button look="quiet" icon="check" onClick={() => setSelection(new Set())}>
                {t('select')}
              </Button>
            ) : (
              <Button look="quiet" icon="close" onClick={() => setSelection(null)}>
                {t('endSelection')}
              </Button>
            )}
          </>
        ) : null
      }
    >
      {total > 0 || filtered || list.isPending ? (
        <div className="mb-4 flex flex-wrap gap-2">
          <SearchBox value={text} onChange={setText} onTag={(tag) => change({ tag, q: undefined })} tags={tags} speakers={speakers} />
          <Chooser label={t('filterStatus')} value={status} onChange={(value) => change({ status: value || undefined })}>
            <option value="">{t('all')}</option>
            <option value="active">{t('active')}</option>
            <option value="completed">{t('completed')}</option>
            <option value="failed">{t('failed')}</option>
            <option value="cancelled">{t('cancelled')}</option>
          </Chooser>
          <Chooser label={t('filterLanguage')} value={search.language ?? ''} onChange={(value) => change({ language: value || undefined })}>
            <option value="">{t('anyLanguage')}</option>
            {languages.map((code) => (
              <option key={code} value={code}>
                {languageName(code)}
              </option>
            ))}
          </Chooser>
          <Chooser label={t('sort')} value={sort} onChange={(value) => change({ sort: value === (query ? 'relevance' : 'newest') ? undefined : value })}>
            {query ? <option value="relevance">{t('sortRelevance')}</option> : null}
            <option value="newest">{t('sortNewest')}</option>
            <option value="oldest">{t('sortOldest')}</option>
            <option value="name">{t('sortName')}</option>
            <option value="longest">{t('sortLongest')}</option>
          </Chooser>
        </div>
      ) : null}
      <Filters search={search} onChange={change} />
      {failure ? (
        <ErrorPanel title={t('loadFailed')} error={failure} consequence={t('loadFailedConsequence')} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Loading />
      ) : jobs.length > 0 ? (
        <Rows
          rows={rows}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : null}
          render={(job) => (
            <JobRow
              job={job}
              formats={formats}
              selecting={selection !== null}
              selected={selection?.has(job.id) ?? false}
              onSelect={(on, range) => select(job, on, range)}
              onDelete={(one) => setDoomed([one])}
              onCancel={(one) => setEnding([one])}
              onTags={(one) => setTagging([one])}
              onTag={(tag) => change({ tag: tag === search.tag ? undefined : tag })}
              tag={search.tag}
              matches={matches.get(job.id)}
            />
          )}
        />
      ) : filtered ? (
        <EmptyState icon="search" title={t('nothingFound')}>
          <p>{t('nothingFoundHint')}</p>
          <Button
            onClick={() => {
              setText('');
              void navigate({ to: '/', search: {} });
            }}
          >
            {t('clearFilters')}
          </Button>
        </EmptyState>
      ) : (
        <EmptyLibrary />
      )}
      {selection !== null && chosen.length > 0 ? (
        <div className="fixed inset-x-0 bottom-20 z-30 flex justify-center px-4 md:start-64 md:bottom-6">
          <div className="card appear flex flex-wrap items-center justify-center gap-1 p-2 shadow-float" role="toolbar" aria-label={t('selected', { count: chosen.length })}>
            <span className="px-2 text-sm font-medium">{t('selected', { count: chosen.length })}</span>
            <Button look="quiet" icon="tag" disabled={busy} onClick={() => setTagging(chosen)}>
              <span className="max-sm:sr-only">{t('tags')}</span>
            </Button>
            <Button look="quiet" icon="star" disabled={busy} onClick={() => void carryOut((all) => starJobs(all, !all.every((job) => job.starred)), chosen)}>
              <span className="max-sm:sr-only">{chosen.every((job) => job.starred) ? t('unstar') : t('star')}</span>
            </Button>
            <Button look="quiet" icon="archive" disabled={busy} onClick={() => void carryOut((all) => archiveJobs(all, !all.every((job) => job.archived)), chosen)}>
              <span className="max-sm:sr-only">{chosen.every((job) => job.archived) ? t('unarchive') : t('toArchive')}</span>
            </Button>
            <Menu
              trigger={
                <Button look="quiet" icon="download" disabled={!chosen.some(canDownload)}>
                  <span className="max-sm:sr-only">{t('download')}</span>
                </Button>
              }
            >
              {formats.map((format) => (
                <MenuItem key={format.name} onSelect={() => void downloadJobs(chosen.filter(canDownload), format.name)}>
                  {formatName(format)}
                </MenuItem>
              ))}
            </Menu>
            <Button look="quiet" icon="restart" disabled={busy || !chosen.some(canRestart)} onClick={() => void carryOut(restartJobs, chosen.filter(canRestart))}>
              <span className="max-sm:sr-only">{t('restart')}</span>
            </Button>
            <Button look="quiet" icon="cancel" disabled={busy || !chosen.some(canCancel)} onClick={() => setEnding(chosen.filter(canCancel))}>
              <span className="max-sm:sr-only">{t('cancel')}</span>
            </Button>
            <Button look="danger" icon="trash" disabled={busy || !chosen.some(canDelete)} onClick={() => setDoomed(chosen.filter(canDelete))}>
              <span className="max-sm:sr-only">{t('delete')}</span>
            </Button>
          </div>
        </div>
      ) : null}
      {tagging.length > 0 ? <TagsDialog jobs={tagging} onClose={() => setTagging([])} /> : null}
      <ConfirmDialog
        open={doomed.length > 0}
        onOpenChange={() => setDoomed([])}
        title={t('deleteTitle', { count: doomed.length })}
        description={doomed.length === 1 ? `${nameOf(doomed[0])}: ${t('deleteHint')}` : t('deleteHint')}
        action={t('delete')}
        busy={busy}
        onConfirm={() => void carryOut(deleteJobs, doomed)}
      />
      <ConfirmDialog
        open={ending.length > 0}
        onOpenChange={() => setEnding([])}
        title={t('cancelTitle', { count: ending.length })}
        description={t('cancelHint')}
        action={t('cancel')}
        busy={busy}
        onConfirm={() => void carryOut(cancelJobs, ending)}
      />
    </Page>
  );
}

function Rows({ rows, more, render }: { rows: Row[]; more: (() => void) | null; render: (job: Job) => ReactNode }) {
  const list = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  useEffect(() => setMargin(list.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (rows[index] && 'heading' in rows[index] ? 44 : 68),
    overscan: 12,
    scrollMargin: margin,
    getItemKey: (index) => {
      const row = rows[index];
      return !row ? index : 'heading' in row ? `h ${row.heading}` : row.job.id;
    },
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 20) more();
  }, [last, rows.length, more]);
  return (
    <ul ref={list} className="relative" style={{ height: virtual.getTotalSize() }}>
      {items.map((item) => {
        const row = rows[item.index];
        if (!row) return null;
        return (
          <li key={item.key} ref={virtual.measureElement} data-index={item.index} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${item.start - margin}px)` }}>
            {'heading' in row ? <h2 className="px-2 pt-5 pb-1.5 text-sm font-semibold text-soft sm:px-3">{row.heading}</h2> : render(row.job)}
          </li>
        );
      })}
    </ul>
  );
}
