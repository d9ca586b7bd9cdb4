// What is being sent and transcribed, docked below the rail; it stays while screens change and folds
// to one line. Ends are announced once, not every percent.
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { nameOf } from '../api/details';
import { useLatest, useStreams } from '../api/live';
import { activeJobsQuery, type Job, queryClient } from '../api/queries';
import { formatLength, formatNumber } from '../i18n/format';
import { useMessages } from '../i18n/messages';
import { cx } from '../ui/cx';
import { Icon } from '../ui/Icon';
import { Progress } from '../ui/Progress';
import { restoreUploads, useUploads } from './store';
import { uploadText } from './text';
import { UploadRow } from './UploadRow';

const storageKey = 'wt.queueFolded';

/** A browser opens six connections to a server: others are polled, and requests need some too. */
const streamsMax = 2;

function JobRow({ job: listed }: { job: Job }) {
  const t = useMessages(uploadText);
  const job = useLatest(listed);
  const percent = formatNumber(job.progress ?? 0);
  const left = job.estimated_time_remaining;
  const working = job.status !== 'queued';
  return (
    <li className="py-2">
      <Link to="/transcript/$jobId" params={{ jobId: job.id }} className="-mx-1 block rounded-md px-1 hover:bg-sunken">
        <p className="truncate text-sm font-medium" title={nameOf(job)}>
          {nameOf(job)}
        </p>
        <p className="figures text-xs text-soft">
          {!working
            ? job.queue_position
              ? t('queuedAt', { position: job.queue_position })
              : t('queued')
            : left
              ? t('working', { percent, left: formatLength(left) })
              : t('workingShort', { percent })}
        </p>
        {working ? <Progress className="my-1.5" value={job.progress ?? 0} label={nameOf(job)} /> : null}
      </Link>
    </li>
  );
}

export function useQueue() {
  // The page of new transcriptions shows them itself, in full.
  const elsewhere = useRouterState({ select: (state) => state.location.pathname !== '/new' });
  const uploads = useUploads().filter((upload) => elsewhere && upload.state !== 'done');
  const jobs = useQuery(activeJobsQuery).data?.jobs ?? [];
  useStreams(jobs.filter((job) => job.status !== 'queued').slice(0, streamsMax).map((job) => job.id));
  const before = useRef('');
  const now = jobs.map((job) => job.id).join(' ');
  useEffect(() => {
    void restoreUploads();
  }, []);
  useEffect(() => {
    // Something has ended or begun: lists show it.
    if (before.current !== now) void queryClient.invalidateQueries({ queryKey: ['jobs', 'list'] });
    before.current = now;
  }, [now]);
  return { uploads, jobs };
}

/** `folds`: begins folded, where it covers what is below it. */
export function QueueCard({ folds = false }: { folds?: boolean }) {
  const t = useMessages(uploadText);
  const { uploads, jobs } = useQueue();
  const [folded, setFolded] = useState(() => (sessionStorage.getItem(storageKey) ?? (folds ? '1' : '0')) === '1');
  const count = uploads.length + jobs.length;
  if (count === 0) return null;
  return (
    <section aria-label={t('queue')} className="card appear overflow-hidden shadow-float md:shadow-card">
      <button
        type="button"
        aria-expanded={!folded}
        className="flex min-h-10 w-full items-center gap-2 px-3 text-sm font-medium"
        onClick={() => {
          sessionStorage.setItem(storageKey, folded ? '0' : '1');
          setFolded(!folded);
        }}
      >
        <span className="size-2 animate-pulse rounded-full bg-accent" />
        <span className="flex-1 text-start">{t('inQueue', { count })}</span>
        <Icon name="chevron" className={cx('size-4 transition-transform', !folded && 'rotate-180')} />
      </button>
      {folded ? null : (
        <ul className="max-h-64 divide-y divide-line overflow-y-auto border-t border-line px-3">
          {uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}
