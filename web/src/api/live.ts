// Jobs as they work. Whatever is heard of one, by its event stream or in any list that was polled, goes
// into one store; its page, the queue card and the library show the latest of it, so all of them agree.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { type JobEvent, type Watch, watchJob } from './events';
import { isEnded, type Job, jobQuery, onNotedJobs, queryClient } from './queries';

export interface LiveSegment {
  id: number;
  start: number;
  end: number;
  text: string;
}

export interface Live {
  attempt: number;
  segments: LiveSegment[];
  language: string | null;
  progress: Partial<Job>;
}

export const nothing: Live = { attempt: 0, segments: [], language: null, progress: {} };

const number = (value: unknown) => (typeof value === 'number' ? value : undefined);

/** Pure: the state after one event. Events may come twice after a resumption. */
export function apply(live: Live, event: JobEvent): Live {
  switch (event.type) {
    case 'segment': {
      const attempt = number(event.attempt) ?? live.attempt;
      // A later attempt begins where its checkpoint ended; what it makes again replaces what was there.
      const id = number(event.id) ?? live.segments.length;
      if (attempt < live.attempt) return live;
      const segment = { id, start: number(event.start) ?? 0, end: number(event.end) ?? 0, text: String(event.text ?? '') };
      const kept = live.segments.filter((other) => (attempt > live.attempt ? other.id < id : other.id !== id));
      const at = kept.findIndex((other) => other.id > id);
      const segments = at < 0 ? [...kept, segment] : [...kept.slice(0, at), segment, ...kept.slice(at)];
      return { ...live, attempt, segments };
    }
    case 'language':
      return { ...live, language: typeof event.language === 'string' ? event.language : live.language };
    case 'snapshot':
    case 'status':
    case 'progress': {
      const progress: Partial<Job> = { ...live.progress };
      const done = number(event.seconds_done);
      const total = number(event.seconds_total);
      if (done !== undefined) progress.seconds_done = done;
      if (total !== undefined) progress.seconds_total = total;
      if (number(event.speed) !== undefined) progress.speed = number(event.speed);
      if (typeof event.stage === 'string') progress.stage = event.stage;
      if (number(event.progress) !== undefined) progress.progress = number(event.progress);
      else if (done !== undefined && total) progress.progress = Math.min(99.9, (100 * done) / total);
      const { seconds_done: d, seconds_total: s, speed } = progress;
      if (d !== undefined && s && speed) progress.estimated_time_remaining = Math.max(0, s - d) / speed;
      return { ...live, progress };
    }
    default:
      return live;
  }
}


const moving = ['progress', 'stage', 'seconds_done', 'seconds_total', 'speed', 'estimated_time_remaining'] as const;

/** `job` with what is known later than it; a list that was asked for earlier never sets it back. */
export function latest(job: Job, known: Partial<Job> | undefined): Job {
  if (!known || isEnded(job.status) || job.status === 'queued') return job;
  if ((known.attempts ?? job.attempts ?? 0) < (job.attempts ?? 0)) return job;
  if ((known.seconds_done ?? 0) <= (job.seconds_done ?? 0)) return job;
  const next: Record<string, unknown> = { ...job };
  for (const name of moving) if (known[name] !== undefined) next[name] = known[name];
  return next as unknown as Job;
}

interface Entry {
  live: Live;
  lost: boolean;
  watchers: number;
  watch: Watch | null;
}
const idle: Entry = { live: nothing, lost: false, watchers: 0, watch: null };
const entries = new Map<string, Entry>();
const known = new Map<string, Partial<Job>>();
const listeners = new Set<() => void>();

function publish() {
  for (const listener of [...listeners]) listener();
}
function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
function put(jobId: string, part: Partial<Entry>) {
  const entry = entries.get(jobId);
  if (!entry) return;
  entries.set(jobId, { ...entry, ...part });
  publish();
}

onNotedJobs((jobs) => {
  let changed = false;
  for (const job of jobs) {
    const before = known.get(job.id);
    if (isEnded(job.status) || job.status === 'queued') {
      changed = known.delete(job.id) || changed;
    } else if (!before || latest(job, before) === job) {
      known.set(job.id, job);
      changed = true;
    }
  }
  if (changed) publish();
});

function hear(jobId: string, event: JobEvent) {
  const entry = entries.get(jobId);
  if (!entry) return;
  const live = apply(entry.live, event);
  if (live.progress !== entry.live.progress) known.set(jobId, { ...known.get(jobId), ...live.progress });
  put(jobId, { live });
  if (event.type === 'status' || event.type === 'end') {
    void queryClient.invalidateQueries({ queryKey: ['job', jobId] });
    void queryClient.invalidateQueries({ queryKey: ['jobs'] });
  }
}

/** One stream for a job, however many watch it. */
function acquire(jobId: string): () => void {
  const entry = entries.get(jobId);
  if (entry) {
    entries.set(jobId, { ...entry, watchers: entry.watchers + 1 });
  } else {
    entries.set(jobId, { ...idle, watchers: 1 });
    const watch = watchJob(jobId, (event) => hear(jobId, event), (lost) => put(jobId, { lost }));
    put(jobId, { watch });
  }
  return () => {
    const now = entries.get(jobId);
    if (!now) return;
    if (now.watchers > 1) {
      entries.set(jobId, { ...now, watchers: now.watchers - 1 });
      return;
    }
    now.watch?.stop();
    entries.delete(jobId);
  };
}

/** Keeps streams of these jobs open; the ids are sorted and joined, so that a new list of the same is none. */
export function useStreams(ids: readonly string[]) {
  const key = [...ids].sort().join(' ');
  useEffect(() => {
    const releases = key === '' ? [] : key.split(' ').map(acquire);
    return () => releases.forEach((release) => release());
  }, [key]);
}

/** A job of a list with the latest of it. */
export function useLatest(job: Job): Job {
  const entry = useSyncExternalStore(
    subscribe,
    useCallback(() => known.get(job.id), [job.id]),
  );
  return latest(job, entry);
}

export function useJob(jobId: string) {
  const entry = useSyncExternalStore(
    subscribe,
    useCallback(() => entries.get(jobId) ?? idle, [jobId]),
  );
  const job = useQuery({
    ...jobQuery(jobId),
    refetchInterval: (query) => (!query.state.data || isEnded(query.state.data.status) ? false : entry.lost ? 2_000 : 10_000),
  });
  const working = job.data !== undefined && !isEnded(job.data.status);
  useStreams(working ? [jobId] : []);
  return { job, live: entry.live, lost: working && entry.lost };
}
