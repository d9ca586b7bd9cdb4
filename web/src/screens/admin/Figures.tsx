// What the server counts: the queue as it moves, who uses how much, what is stored.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api } from '../../api/client';
import { nameOf } from '../../api/details';
import { failureOf } from '../../api/queries';
import type { components } from '../../api/schema';
import { formatBytes, formatLength, formatNumber } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { type Columns, DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { FactLine } from '../../ui/FactLine';
import { Loading } from '../../ui/Loading';
import { Progress } from '../../ui/Progress';
import { Facts, Section } from '../../ui/Section';
import { adminText } from './text';
import { useUserNames } from './userNames';

type Usage = components['schemas']['Usage'];

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="card px-4 py-3">
      <dt className="text-sm text-soft">{name}</dt>
      <dd className="figures mt-0.5 font-serif text-2xl font-semibold">
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

export function QueueSection() {
  const t = useMessages(adminText);
  const queue = useQuery({ queryKey: ['admin', 'queue'], queryFn: () => api.get('/admin/queue'), refetchInterval: 2_000 });
  const failure = failureOf(queue);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void queue.refetch()} />;
  const data = queue.data;
  if (!data) return <Loading />;
  const jobs = data.running_jobs ?? [];
  const oldest = data.oldest_waiting_seconds;
  return (
    <>
      <dl className="mb-5 grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Figure name={t('waitingJobs')} value={formatNumber(data.waiting)} />
        <Figure name={t('runningJobs')} value={formatNumber(data.running)} />
        <Figure name={t('places')} value={formatNumber(data.slots)} />
        <Figure name={t('oldestWait')} value={oldest === null || oldest === undefined ? '–' : formatLength(oldest)} />
      </dl>
      <Section title={t('runningJobs')} hint={t('queueHint')}>
        {jobs.length === 0 ? (
          <EmptyState icon="check" title={t('nothingRuns')}>
            <p>{t('nothingRunsHint')}</p>
          </EmptyState>
        ) : (
          <ul className="divide-y divide-line">
            {jobs.map((job) => {
              const facts = [
                t('percentDone', { percent: formatNumber(job.progress ?? 0) }),
                job.speed ? t('speedOf', { speed: formatNumber(job.speed, 1) }) : null,
                job.estimated_time_remaining ? t('leftOf', { left: formatLength(job.estimated_time_remaining) }) : null,
                job.model,
              ];
              return (
                <li key={job.id} className="py-3">
                  <div className="flex flex-wrap items-baseline gap-x-4">
                    <Link to="/transcript/$jobId" params={{ jobId: job.id }} className="min-w-0 flex-1 basis-48 truncate text-sm font-medium hover:underline">
                      <bdi>{nameOf(job)}</bdi>
                    </Link>
                    <span className="figures text-sm text-soft"><FactLine facts={facts} /></span>
                  </div>
                  <Progress className="mt-2" value={job.progress ?? 0} label={nameOf(job)} />
                </li>
              );
            })}
          </ul>
        )}
      </Section>
    </>
  );
}

export function UsageSection() {
  const t = useMessages(adminText);
  const usage = useQuery({ queryKey: ['admin', 'usage'], queryFn: async () => (await api.get('/admin/usage')).users });
  const names = useUserNames();
  const columns = useMemo<Columns<Usage>>(
    () => [
      { id: 'person', accessorFn: (row) => names.get(row.user_id ?? '') ?? row.user_id ?? '', header: t('person') },
      {
        accessorKey: 'bytes',
        header: t('bytesUsed'),
        cell: ({ row: { original: one } }) => (
          <div className="min-w-36">
            {one.quota_bytes ? t('ofQuota', { used: formatBytes(one.bytes), quota: formatBytes(one.quota_bytes) }) : `${formatBytes(one.bytes)}, ${t('noQuota')}`}
            {one.quota_bytes ? <Progress className="mt-1" value={Math.min(100, (100 * one.bytes) / one.quota_bytes)} label={t('bytesUsed')} /> : null}
          </div>
        ),
      },
      { accessorKey: 'jobs', header: t('jobsKept'), cell: ({ row }) => formatNumber(row.original.jobs) },
      { accessorKey: 'jobs_created', header: t('jobsMade'), cell: ({ row }) => formatNumber(row.original.jobs_created ?? 0) },
      {
        accessorKey: 'active_jobs',
        header: t('activeNow'),
        cell: ({ row: { original: one } }) => (one.active_jobs_max ? t('activeOf', { active: one.active_jobs, max: one.active_jobs_max }) : formatNumber(one.active_jobs)),
      },
      { accessorKey: 'audio_seconds', header: t('audioTotal'), cell: ({ row }) => formatLength(row.original.audio_seconds ?? 0) },
    ],
    [names, t],
  );
  const failure = failureOf(usage);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void usage.refetch()} />;
  return (
    <>
      <p className="mb-3 text-sm text-soft">{t('usageHint')}</p>
      {usage.data?.length ? <DataTable label={t('usage')} columns={columns} rows={usage.data} /> : usage.data ? <EmptyState icon="user" title={t('noUsage')} /> : <Loading />}
    </>
  );
}

export function StoredSection() {
  const t = useMessages(adminText);
  const stored = useQuery({ queryKey: ['admin', 'storage'], queryFn: () => api.get('/admin/storage') });
  const failure = failureOf(stored);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void stored.refetch()} />;
  const data = stored.data;
  if (!data) return <Loading />;
  const sized = (count: number, bytes: number) => t('countAndSize', { count: formatNumber(count), size: formatBytes(bytes) });
  return (
    <Section title={t('stored')}>
      <Facts
        rows={[
          [t('recordings'), sized(data.recordings, data.recording_bytes)],
          [t('transcripts'), sized(data.transcripts ?? 0, data.transcript_bytes ?? 0)],
          [t('edited'), formatNumber(data.edited_transcripts ?? 0)],
          [t('audioTotal'), formatLength(data.audio_seconds ?? 0)],
          [t('databaseSize'), formatBytes(data.database_bytes ?? 0)],
          [t('modelSize'), formatBytes(data.model_bytes ?? 0)],
          [t('toDelete'), formatNumber(data.waiting_for_deletion ?? 0)],
          [t('diskFree'), data.free_bytes === null || data.free_bytes === undefined ? '–' : formatBytes(data.free_bytes)],
        ]}
      />
    </Section>
  );
}
