import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, request } from '../../api/client';
import { nameOf } from '../../api/details';
import { failureOf, isEnded, isFailed, type Job, queryClient } from '../../api/queries';
import { appText } from '../../app/text';
import { formatAgo, formatClock } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, IconButton } from '../../ui/Button';
import { type Columns, DataTable } from '../../ui/DataTable';
import { ConfirmDialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Switch } from '../../ui/Field';
import { Loading } from '../../ui/Loading';
import { Menu, MenuItem } from '../../ui/Menu';
import { toast } from '../../ui/Toast';
import { Pager } from './Pager';
import { adminText } from './text';
import { useUserNames } from './userNames';

type AdminJob = Job & { user_id?: string | null };
const size = 50;
const none: AdminJob[] = [];

export function JobsSection() {
  const t = useMessages(adminText);
  const ta = useMessages(appText);
  const [skip, setSkip] = useState(0);
  const [dead, setDead] = useState(false);
  const [doomed, setDoomed] = useState<AdminJob | null>(null);
  const [busy, setBusy] = useState(false);
  const list = useQuery({
    queryKey: ['admin', 'jobs', skip, dead],
    queryFn: async () =>
      (await (await request('get', '/admin/jobs', { query: { skip, limit: size, dead_letter: dead || undefined } })).json()) as { jobs: AdminJob[]; total: number },
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  });
  const attempt = async (act: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await act();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { tone: 'danger' });
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['admin', 'jobs'] });
      setBusy(false);
    }
  };
  const names = useUserNames();
  const columns = useMemo<Columns<AdminJob>>(
    () => [
      { id: 'file', accessorFn: (job) => nameOf(job), header: t('file') },
      {
        accessorKey: 'status',
        header: t('state'),
        cell: ({ row: { original: job } }) =>
          isFailed(job.status) ? (
            <Badge tone="danger">{ta('statusFailed')}</Badge>
          ) : job.status === 'completed' ? (
            <Badge tone="accent">{ta('statusCompleted')}</Badge>
          ) : job.status === 'cancelled' ? (
            <Badge>{ta('statusCancelled')}</Badge>
          ) : (
            <Badge tone="warn">{job.status === 'queued' ? ta('statusQueued') : ta('statusProcessing')}</Badge>
          ),
      },
      { id: 'owner', accessorFn: (job) => names.get(job.user_id ?? '') ?? job.user_id ?? '–', header: t('owner') },
      { id: 'length', accessorFn: (job) => job.duration ?? 0, header: t('length'), cell: ({ row }) => (row.original.duration ? formatClock(row.original.duration) : '–') },
      { accessorKey: 'created_at', header: t('created'), cell: ({ row }) => formatAgo(row.original.created_at) },
      {
        id: 'actions',
        header: () => <span className="sr-only">{t('actionsColumn')}</span>,
        enableSorting: false,
        cell: ({ row: { original: job } }) => (
          <Menu trigger={<IconButton icon="more" label={t('actions', { name: nameOf(job) })} />}>
            {isEnded(job.status) ? null : (
              <MenuItem icon="cancel" onSelect={() => void attempt(() => api.post('/admin/jobs/{job_id}/cancel', { path: { job_id: job.id } }))}>
                {t('cancel')}
              </MenuItem>
            )}
            {isFailed(job.status) ? (
              <MenuItem icon="restart" onSelect={() => void attempt(() => api.post('/admin/jobs/{job_id}/requeue', { path: { job_id: job.id } }))}>
                {t('requeue')}
              </MenuItem>
            ) : null}
            <MenuItem icon="trash" danger onSelect={() => setDoomed(job)}>
              {t('delete')}
            </MenuItem>
          </Menu>
        ),
      },
    ],
    [names, t, ta],
  );
  const failure = failureOf(list);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void list.refetch()} />;
  const jobs = list.data?.jobs ?? none;
  return (
    <>
      <div className="mb-3 max-w-md">
        <Switch
          label={t('deadOnly')}
          checked={dead}
          onChange={(on) => {
            setDead(on);
            setSkip(0);
          }}
        />
      </div>
      {!list.data ? (
        <Loading />
      ) : jobs.length === 0 ? (
        <EmptyState icon="list" title={t('noJobs')} />
      ) : (
        <DataTable label={t('jobs')} columns={columns} rows={jobs} />
      )}
      <Pager skip={skip} shown={jobs.length} total={list.data?.total ?? 0} size={size} onSkip={setSkip} />
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t('deleteJobTitle', { name: doomed ? nameOf(doomed) : '' })}
        description={t('deleteJobHint')}
        action={t('delete')}
        busy={busy}
        onConfirm={() =>
          void attempt(async () => {
            if (doomed) await api.delete('/admin/jobs/{job_id}', { path: { job_id: doomed.id } });
            setDoomed(null);
          })
        }
      />
    </>
  );
}
