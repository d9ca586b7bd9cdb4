// What the screens ask the server for, and under which names it is kept in memory.
import { keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query';
import { api, type Query, request } from './client';
import { ApiProblem } from './problem';
import type { components } from './schema';

export type Job = components['schemas']['Job'] & {
  language?: string | null;
  detected_language?: string | null;
  runtime_seconds?: number;
  has_video?: boolean;
  sha256?: string;
  container?: string | null;
};
export type JobStatus = Job['status'];
export type User = components['schemas']['User'];
export type Me = User & { permissions?: string[]; credential?: string };

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The browser's word of being offline says nothing about a server on this machine or beside it.
      networkMode: 'always',
      staleTime: 5_000,
      // What the server refused will be refused again; what it did not answer may be answered.
      retry: (count, error) => count < 2 && error instanceof ApiProblem && (error.offline || error.status >= 500),
      refetchOnWindowFocus: true,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/**
 * What is shown instead of a page's content, null: nothing. Content that is there stays while the
 * server is only away; a refusal is told.
 */
export function failureOf(query: { readonly error: unknown; readonly data: unknown }): unknown {
  const away = query.error instanceof ApiProblem && query.error.offline;
  return away && query.data !== undefined ? null : query.error;
}

/** States in which nothing changes by itself any more. */
export function isEnded(status: string): boolean {
  return status === 'completed' || status === 'cancelled' || status.startsWith('failed');
}
export function isFailed(status: string): boolean {
  return status.startsWith('failed');
}

/** Null: nobody is signed in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me | null> => {
    try {
      return (await (await request('get', '/auth/me')).json()) as Me;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => api.get('/setup'),
  staleTime: 60_000,
});

export interface JobPage {
  jobs: Job[];
  total: number;
}

// Whoever keeps the latest of each job (live.ts) hears of every job that was read.
let noted: (jobs: Job[]) => void = () => {};
export function onNotedJobs(listener: (jobs: Job[]) => void) {
  noted = listener;
}

export async function fetchJobs(query: Query, signal?: AbortSignal): Promise<JobPage> {
  const page = (await (await request('get', '/jobs', { query, signal })).json()) as JobPage;
  noted(page.jobs);
  return page;
}

export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['job', jobId],
    queryFn: async ({ signal }): Promise<Job> => {
      const job = (await (await request('get', '/jobs/{job_id}', { path: { job_id: jobId }, signal })).json()) as Job;
      noted([job]);
      return job;
    },
  });

/** How many there are, and under which tags; refreshed with every list. */
export const statsQuery = queryOptions({
  queryKey: ['jobs', 'stats'],
  queryFn: () => api.get('/jobs/stats'),
  staleTime: 30_000,
});

/** What still waits or runs, for the queue card; asked often only while there is something. */
export const activeJobsQuery = queryOptions({
  queryKey: ['jobs', 'active'],
  queryFn: ({ signal }) => fetchJobs({ status: 'queued|processing|enriching', limit: 50, sort_order: 'asc' }, signal),
  refetchInterval: (query) => ((query.state.data?.total ?? 0) > 0 ? 4_000 : 30_000),
  placeholderData: keepPreviousData,
});

export interface ModelName {
  id: string;
  owned_by: string;
}
/** Names that may be asked for; aliases of the OpenAI dialect are left out. */
export const modelsQuery = queryOptions({
  queryKey: ['models', 'usable'],
  queryFn: async (): Promise<string[]> => {
    const reply = await request('get', '/v1/models', { base: '' });
    const list = (await reply.json()) as { data: ModelName[] };
    return list.data.map((model) => model.id).filter((id) => !id.startsWith('whisper-'));
  },
  staleTime: 300_000,
});

export interface Format {
  name: string;
  extension: string;
  content_type: string;
  description: string;
}
export const formatsQuery = queryOptions({
  queryKey: ['formats'],
  queryFn: async () => (await (await request('get', '/export/formats')).json()).formats as Format[],
  staleTime: Number.POSITIVE_INFINITY,
});

export const readinessQuery = queryOptions({
  queryKey: ['readiness'],
  queryFn: async () => {
    // 503 carries the same answer: it says what is not ready.
    const reply = await fetch('/api/v1/health/readyz');
    return (await reply.json()) as { status: string; checks: Record<string, boolean> };
  },
  staleTime: 10_000,
});
