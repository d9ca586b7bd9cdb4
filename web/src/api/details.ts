// What people add to a recording: its title, notes, tags, star, and whether it is put away. Shown at
// once, sent then; each change can be taken back from its notice.
import { type InfiniteData } from '@tanstack/react-query';
import { say } from '../i18n/messages';
import { toast } from '../ui/Toast';
import { uiText } from '../ui/text';
import { api } from './client';
import { type Job, type JobPage, queryClient } from './queries';

export type Details = Partial<Pick<Job, 'title' | 'notes' | 'tags' | 'starred' | 'archived'>>;

/** As the server has them (JobPatch in the OpenAPI document). */
export const titleMax = 200;
export const notesMax = 10_000;
export const tagsMax = 40;
export const tagMax = 50;

/** What a recording is called. */
export const nameOf = (job: Pick<Job, 'title' | 'filename'> | undefined): string => job?.title || job?.filename || '';

export function changeTags(tags: readonly string[], added: readonly string[], removed: readonly string[]): string[] {
  const kept = tags.filter((tag) => !removed.includes(tag));
  return [...kept, ...added.filter((tag) => !kept.includes(tag))].slice(0, tagsMax);
}

function isPage(data: unknown): data is JobPage {
  return typeof data === 'object' && data !== null && Array.isArray((data as JobPage).jobs);
}

function show(jobId: string, details: Details) {
  const one = (job: Job) => (job.id === jobId ? { ...job, ...details } : job);
  const page = (old: JobPage): JobPage => ({ ...old, jobs: old.jobs.map(one) });
  queryClient.setQueryData(['job', jobId], (old: Job | undefined) => old && { ...old, ...details });
  queryClient.setQueriesData({ queryKey: ['jobs'] }, (old: unknown) => {
    if (isPage(old)) return page(old);
    const pages = (old as InfiniteData<JobPage> | undefined)?.pages;
    return Array.isArray(pages) ? { ...(old as InfiniteData<JobPage>), pages: pages.map(page) } : old;
  });
}

function before(job: Job, details: Details): Details {
  const old: Record<string, unknown> = {};
  for (const name of Object.keys(details)) old[name] = (job as unknown as Record<string, unknown>)[name] ?? null;
  return old as Details;
}

/** `said`: the words of the notice that offers to take it back; null: a change too small for one. */
export async function changeDetails(jobs: readonly Job[], change: (job: Job) => Details, said: string | null) {
  const undo: [Job, Details][] = [];
  try {
    for (const job of jobs) {
      const details = change(job);
      show(job.id, details);
      await api.patch('/jobs/{job_id}', { path: { job_id: job.id }, json: details });
      undo.push([{ ...job, ...details }, before(job, details)]);
    }
    if (said !== null) {
      const back = new Map(undo.map(([job, old]) => [job.id, old]));
      const changed = undo.map(([job]) => job);
      toast(said, { action: { label: say(uiText, 'undo'), run: () => void changeDetails(changed, (job) => back.get(job.id) ?? {}, null) } });
    }
  } catch (error) {
    toast(say(uiText, 'notChanged', { reason: error instanceof Error ? error.message : String(error) }), { tone: 'danger' });
    void queryClient.invalidateQueries({ queryKey: ['job'] });
  }
  await queryClient.invalidateQueries({ queryKey: ['jobs'] });
}
