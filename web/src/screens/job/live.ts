// A job as it works: events change what is known, polling helps out while the stream is away.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useReducer, useState } from 'react';
import { type JobEvent, watchJob } from '../../api/events';
import { isEnded, type Job, jobQuery, queryClient } from '../../api/queries';

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

export function useJob(jobId: string) {
  const [live, change] = useReducer((state: Live, event: JobEvent | null) => (event ? apply(state, event) : nothing), nothing);
  const [lost, setLost] = useState(false);
  const job = useQuery({
    ...jobQuery(jobId),
    refetchInterval: (query) => (!query.state.data || isEnded(query.state.data.status) ? false : lost ? 2_000 : 10_000),
  });
  const working = job.data !== undefined && !isEnded(job.data.status);
  useEffect(() => {
    if (!working) return undefined;
    change(null);
    const watch = watchJob(
      jobId,
      (event) => {
        change(event);
        if (event.type === 'status' || event.type === 'end') {
          void queryClient.invalidateQueries({ queryKey: ['job', jobId] });
          void queryClient.invalidateQueries({ queryKey: ['jobs'] });
        }
      },
      setLost,
    );
    return () => watch.stop();
  }, [jobId, working]);
  return { job, live, lost: working && lost };
}
