import { describe, expect, it } from 'vitest';
import type { JobEvent } from './events';
import { apply, latest, type Live, nothing } from './live';
import type { Job } from './queries';

const segment = (id: number, text: string, attempt = 1): JobEvent => ({ type: 'segment', id, text, attempt, start: id, end: id + 1 });
const texts = (live: Live) => live.segments.map((s) => s.text).join('|');
const all = (...events: JobEvent[]) => events.reduce(apply, nothing);

describe('apply', () => {
  it('keeps segments in order and takes a repeated event once', () => {
    expect(texts(all(segment(0, 'a'), segment(2, 'c'), segment(1, 'b'), segment(2, 'c')))).toBe('a|b|c');
  });
  it('lets a later attempt replace what it makes again', () => {
    expect(texts(all(segment(0, 'a'), segment(1, 'b'), segment(2, 'c'), segment(1, 'B', 2)))).toBe('a|B');
    expect(texts(all(segment(0, 'a', 2), segment(0, 'old', 1)))).toBe('a');
  });
  it('works out percent and time left', () => {
    const live = all({ type: 'progress', seconds_done: 30, seconds_total: 120, speed: 3 });
    expect(live.progress.progress).toBe(25);
    expect(live.progress.estimated_time_remaining).toBe(30);
    // A full bar means done.
    expect(all({ type: 'progress', seconds_done: 120, seconds_total: 120 }).progress.progress).toBe(99.9);
  });
  it('ignores what it does not know', () => {
    expect(apply(nothing, { type: 'log', message: 'x' })).toBe(nothing);
  });
});

describe('latest', () => {
  const job = { id: 'a', status: 'processing', attempts: 1, seconds_done: 10, progress: 10 } as unknown as Job;
  it('shows what an event said later than the list', () => {
    expect(latest(job, { seconds_done: 79, progress: 79 }).progress).toBe(79);
  });
  it('is never set back by a list that was asked for earlier, nor by an attempt before', () => {
    expect(latest(job, { seconds_done: 5, progress: 5 })).toBe(job);
    expect(latest({ ...job, attempts: 2 } as Job, { attempts: 1, seconds_done: 79, progress: 79 }).progress).toBe(10);
  });
  it('leaves alone what does not run', () => {
    const queued = { ...job, status: 'queued' } as Job;
    expect(latest(queued, { seconds_done: 79, progress: 79 })).toBe(queued);
  });
});
