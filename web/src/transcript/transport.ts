// The document routes of the server as replies without exceptions (src/editor/session.ts).
import { ApiProblem } from '../api/problem';
import { request as call } from '../api/client';
import type { Reply, Transport } from '../editor/session';
import type { Delta } from '../editor/sync';
import type { WireDoc } from '../editor/model';

function failure(error: unknown): Reply {
  if (!(error instanceof ApiProblem)) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', status: 0, message };
  }
  const { status, message, retryAfterS } = error;
  if (status === 409 && typeof error.body.revision === 'number')
    return { kind: 'conflict', revision: error.body.revision };
  if (status === 410) return { kind: 'gone' };
  if (status === 404) return { kind: 'missing' };
  if (status === 401 || status === 403) return { kind: 'signedOut' };
  if (status === 0 || status === 408 || status === 429 || status >= 500) {
    return retryAfterS === null ? { kind: 'later' } : { kind: 'later', afterMs: retryAfterS * 1000 };
  }
  return { kind: 'refused', status, message };
}

async function reply(work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    return failure(error);
  }
}

export function documentTransport(jobId: string): Transport {
  const path = { job_id: jobId };
  return {
    load: () =>
      reply(async () => {
        const answer = await call('get', '/jobs/{job_id}/document', { path });
        return { kind: 'document', wire: (await answer.json()) as WireDoc };
      }),
    since: (revision) =>
      reply(async () => {
        const answer = await call('get', '/jobs/{job_id}/document/changes', { path, query: { since: revision } });
        return { kind: 'delta', delta: (await answer.json()) as Delta };
      }),
    change: (body) =>
      reply(async () => {
        const answer = await call('post', '/jobs/{job_id}/document/changes', { path, json: body });
        const { revision, revs } = (await answer.json()) as { revision: number; revs: Record<string, number> };
        return { kind: 'accepted', revision, revs };
      }),
  };
}

export interface Version {
  readonly version: number;
  readonly kind: 'machine' | 'edit' | 'restore';
  readonly created_at: string;
  readonly words: number;
  readonly author?: string | null;
  readonly label?: string | null;
}

export async function listVersions(jobId: string): Promise<Version[]> {
  const answer: unknown = await (await call('get', '/jobs/{job_id}/versions', { path: { job_id: jobId } })).json();
  const list = Array.isArray(answer) ? answer : (answer as { versions?: unknown }).versions;
  return Array.isArray(list) ? (list as Version[]).filter((entry) => typeof entry.version === 'number') : [];
}

export async function readVersion(jobId: string, version: number): Promise<WireDoc> {
  const answer = await call('get', '/jobs/{job_id}/versions/{version}/document', { path: { job_id: jobId, version } });
  return (await answer.json()) as WireDoc;
}

export async function keepVersion(jobId: string): Promise<void> {
  await call('post', '/jobs/{job_id}/versions', { path: { job_id: jobId }, json: {} });
}

export async function restoreVersion(jobId: string, version: number): Promise<void> {
  await call('post', '/jobs/{job_id}/versions/{version}/restore', { path: { job_id: jobId, version } });
}

export interface Peaks {
  /** Smallest and largest in turn, -128..127. */
  readonly data: readonly number[];
}

export async function readPeaks(jobId: string, points: number, signal: AbortSignal): Promise<Peaks> {
  const answer = await call('get', '/jobs/{job_id}/peaks', { path: { job_id: jobId }, query: { points }, signal });
  return (await answer.json()) as Peaks;
}
