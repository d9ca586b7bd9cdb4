import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, request } from '../../api/client';
import { failureOf, queryClient } from '../../api/queries';
import { formatBytes, formatLength, formatNumber } from '../../i18n/format';
import { say, useMessages } from '../../i18n/messages';
import { Badge, Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { TextField } from '../../ui/Field';
import { Loading } from '../../ui/Loading';
import { Facts, Section } from '../../ui/Section';
import { toast } from '../../ui/Toast';
import { adminText } from './text';

interface Stats {
  version: string;
  uptime_seconds: number;
  users: number;
  queue: { length: number };
  jobs: { total_jobs: number; recent_jobs_24h: number; success_rate: number | null; average_seconds: number | null };
  workers: { worker_id: string; host: string; process_id: number; slots: number; job_ids: string[]; status: string }[];
  system: { memory_bytes?: number; disk_free_bytes?: number };
}
interface Details {
  status: 'ready' | 'degraded' | 'not_ready';
  checks: Record<string, { ok: boolean; required: boolean; reason: string }>;
}

const statsQuery = {
  queryKey: ['admin', 'stats'],
  queryFn: async () => (await (await request('get', '/admin/stats')).json()) as Stats,
  refetchInterval: 5_000,
};
const healthQuery = {
  queryKey: ['admin', 'health'],
  // 503 carries the same answer: it says what is not ready.
  queryFn: async () => (await (await fetch('/api/v1/health/readyz/details')).json()) as Details,
  refetchInterval: 5_000,
};
const concurrencyQuery = { queryKey: ['admin', 'concurrency'], queryFn: () => api.get('/admin/concurrency') };

/** In the reader's language; a check it does not know has the server's name. */
function checkName(name: string): string {
  const key = `check_${name}`;
  return key in adminText.en ? say(adminText, key as keyof typeof adminText.en) : name;
}

export function Overview() {
  const t = useMessages(adminText);
  const stats = useQuery(statsQuery);
  const health = useQuery(healthQuery);
  const failure = failureOf(stats);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void stats.refetch()} />;
  const data = stats.data;
  if (!data) return <Loading />;
  return (
    <div className="grid items-start gap-x-5 lg:grid-cols-2">
      <div>
        <Section title={t('health')} actions={health.data ? <Badge tone={health.data.status === 'ready' ? 'accent' : 'danger'}>{t(health.data.status)}</Badge> : null}>
          <Facts
            rows={Object.entries(health.data?.checks ?? {}).map(([name, check]) => [
              checkName(name),
              check.ok ? <span className="text-accent-strong">{t('ok')}</span> : <span className="text-danger">{check.reason}</span>,
            ])}
          />
        </Section>
        <Section title={t('workers')}>
          <ul className="divide-y divide-line text-sm">
            {data.workers.map((worker) => (
              <li key={worker.worker_id} className="flex items-center gap-3 py-2.5">
                <span className="flex-1">{t('workerLine', { host: worker.host, process: String(worker.process_id), jobs: worker.job_ids.length, slots: worker.slots })}</span>
                <Badge tone={worker.status === 'alive' ? 'accent' : 'danger'}>{worker.status === 'alive' ? t('alive') : t('stale')}</Badge>
              </li>
            ))}
          </ul>
        </Section>
        <Concurrency />
      </div>
      <Section title={t('numbers')}>
        <Facts
          rows={[
            [t('version'), data.version],
            [t('uptime'), formatLength(data.uptime_seconds)],
            [t('userCount'), formatNumber(data.users)],
            [t('allJobs'), formatNumber(data.jobs.total_jobs)],
            [t('lastDay'), formatNumber(data.jobs.recent_jobs_24h)],
            [t('successRate'), data.jobs.success_rate === null ? '–' : `${formatNumber(100 * data.jobs.success_rate, 1)} %`],
            [t('averageTime'), data.jobs.average_seconds === null ? '–' : formatLength(data.jobs.average_seconds)],
            [t('queueLength'), formatNumber(data.queue.length)],
            [t('memory'), data.system.memory_bytes ? formatBytes(data.system.memory_bytes) : '–'],
            [t('diskFree'), data.system.disk_free_bytes ? formatBytes(data.system.disk_free_bytes) : '–'],
          ]}
        />
      </Section>
    </div>
  );
}

function Concurrency() {
  const t = useMessages(adminText);
  const now = useQuery(concurrencyQuery);
  const [text, setText] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const value = text ?? String(now.data?.max_concurrent_jobs ?? '');
  const attempt = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await act();
      setText(null);
      await queryClient.invalidateQueries({ queryKey: concurrencyQuery.queryKey });
      toast(t('applied'));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={t('concurrency')} hint={t('concurrencyHint')}>
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(() => api.put('/admin/concurrency', { json: { max_concurrent_jobs: Number(value) } }));
        }}
      >
        <div className="w-40">
          <TextField label={t('concurrency')} type="number" min={1} max={1024} required value={value} onChange={(event) => setText(event.target.value)} />
        </div>
        <Button type="submit" look="primary" busy={busy}>
          {t('apply')}
        </Button>
        {now.data?.source === 'runtime' ? (
          <Button onClick={() => void attempt(() => api.delete('/admin/concurrency'))}>{t('reset')}</Button>
        ) : null}
      </form>
      {now.data?.configured ? <p className="mt-2 text-sm text-soft">{t('concurrencyConfigured', { count: now.data.configured })}</p> : null}
      {error ? (
        <div className="mt-3">
          <ErrorPanel title={t('applyFailed')} error={error} />
        </div>
      ) : null}
    </Section>
  );
}
