// What can be done with several recordings at once; each is tried, failures are counted and told.
import { api, apiUrl } from '../../api/client';
import { changeDetails } from '../../api/details';
import { isEnded, type Job, queryClient } from '../../api/queries';
import { say } from '../../i18n/messages';
import { toast } from '../../ui/Toast';
import { libraryText } from './text';

export const canCancel = (job: Job) => !isEnded(job.status);
export const canRestart = (job: Job) => isEnded(job.status);
export const canDelete = (job: Job) => isEnded(job.status) || job.status === 'queued';
export const canDownload = (job: Job) => job.status === 'completed';

async function each(jobs: Job[], act: (job: Job) => Promise<unknown>): Promise<number> {
  let done = 0;
  let failed = 0;
  let reason = '';
  for (const job of jobs) {
    try {
      await act(job);
      done += 1;
    } catch (error) {
      failed += 1;
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  if (failed > 0) toast(say(libraryText, 'someFailed', { count: failed, reason }), { tone: 'danger' });
  await queryClient.invalidateQueries({ queryKey: ['jobs'] });
  return done;
}

const path = (job: Job) => ({ path: { job_id: job.id } });

export async function deleteJobs(jobs: Job[]) {
  const done = await each(jobs, (job) => api.delete('/jobs/{job_id}', path(job)));
  for (const job of jobs) queryClient.removeQueries({ queryKey: ['job', job.id] });
  if (done > 0) toast(say(libraryText, 'deleted', { count: done }));
}

export async function restartJobs(jobs: Job[]) {
  const done = await each(jobs, (job) => api.post('/jobs/{job_id}/restart', path(job)));
  for (const job of jobs) void queryClient.invalidateQueries({ queryKey: ['job', job.id] });
  if (done > 0) toast(say(libraryText, 'restarted', { count: done }));
}

export async function cancelJobs(jobs: Job[]) {
  await each(jobs, (job) => api.post('/jobs/{job_id}/cancel', path(job)));
  for (const job of jobs) void queryClient.invalidateQueries({ queryKey: ['job', job.id] });
}

export const starJobs = (jobs: Job[], starred: boolean) => changeDetails(jobs, () => ({ starred }), jobs.length > 1 ? say(libraryText, starred ? 'starredMany' : 'unstarredMany', { count: jobs.length }) : null);

/** Put away, not deleted: undone from its notice, so nothing is asked before. */
export const archiveJobs = (jobs: Job[], archived: boolean) => changeDetails(jobs, () => ({ archived }), say(libraryText, archived ? 'archivedMany' : 'unarchivedMany', { count: jobs.length }));

export function downloadUrl(job: Job, format: string): string {
  return apiUrl('/jobs/{job_id}/download', { path: { job_id: job.id }, query: { format } });
}

/** One after the other: browsers drop downloads that begin in the same moment. */
export async function downloadJobs(jobs: Job[], format: string) {
  for (const job of jobs) {
    const link = document.createElement('a');
    link.href = downloadUrl(job, format);
    link.download = '';
    document.body.append(link);
    link.click();
    link.remove();
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}
