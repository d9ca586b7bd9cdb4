// What happened to a job, line by line: read when somebody opens it, renewed while the job works.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { isEnded, type Job } from '../../api/queries';
import { formatTimeOfDay } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { cx } from '../../ui/cx';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Icon } from '../../ui/Icon';
import { Loading } from '../../ui/Loading';
import { type LogLine, readJobLog } from './logLines';
import { jobText } from './text';

async function fetchLog(job: Job, signal: AbortSignal): Promise<LogLine[]> {
  try {
    return readJobLog(await (await request('get', '/jobs/{job_id}/log', { path: { job_id: job.id }, signal })).text());
  } catch (error) {
    // A job that nothing has happened to yet has no log.
    if (error instanceof ApiProblem && error.status === 404) return [];
    throw error;
  }
}

function Lines({ job }: { job: Job }) {
  const t = useMessages(jobText);
  const log = useQuery({
    queryKey: ['job', job.id, 'log'],
    queryFn: ({ signal }) => fetchLog(job, signal),
    refetchInterval: isEnded(job.status) ? false : 2_000,
  });
  if (log.error && !log.data) return <ErrorPanel title={t('logFailed')} error={log.error} onRetry={() => void log.refetch()} />;
  if (!log.data) return <Loading />;
  if (log.data.length === 0) return <p className="text-sm text-soft">{t('logEmpty')}</p>;
  return (
    <ol className="max-h-80 overflow-y-auto text-sm" tabIndex={0} aria-label={t('log')}>
      {log.data.map((line, index) => (
        <li key={index} className="flex gap-3 py-1">
          <time dateTime={line.time} className="figures shrink-0 text-soft">
            {formatTimeOfDay(line.time)}
          </time>
          <span className={cx('min-w-0 break-words', line.level === 'error' ? 'text-danger' : line.level === 'warning' && 'text-warn')}>{line.text}</span>
        </li>
      ))}
    </ol>
  );
}

export function JobLog({ job }: { job: Job }) {
  const t = useMessages(jobText);
  const [open, setOpen] = useState(false);
  return (
    <details className="card mt-5" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-11 items-center justify-between gap-3 rounded-[inherit] px-5 text-sm font-medium">
        {t(isEnded(job.status) ? 'logEnded' : 'log')}
        <Icon name="chevron" className={cx('size-4 text-soft transition-transform', open && 'rotate-180')} />
      </summary>
      <div className="px-5 pb-4">{open ? <Lines job={job} /> : null}</div>
    </details>
  );
}
