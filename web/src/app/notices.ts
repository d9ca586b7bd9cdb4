// "Your transcript is finished" from the browser, while the page is in the background. A choice of
// this browser: the permission is too.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { nameOf } from '../api/details';
import { activeJobsQuery, isFailed, jobQuery, queryClient } from '../api/queries';
import { say } from '../i18n/messages';
import { appText } from './text';

const KEPT = 'wt.notices';
const listeners = new Set<() => void>();

/** Browsers have them on secure pages and on this machine only. */
export function canNotify(): boolean {
  return typeof Notification !== 'undefined' && window.isSecureContext;
}

function wanted(): boolean {
  try {
    return canNotify() && Notification.permission === 'granted' && localStorage.getItem(KEPT) === 'on';
  } catch {
    return false;
  }
}

export function useNotices(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, wanted);
}

/** False: the browser does not allow them. */
export async function chooseNotices(on: boolean): Promise<boolean> {
  const allowed = !on || (canNotify() && (await Notification.requestPermission()) === 'granted');
  try {
    if (on && allowed) localStorage.setItem(KEPT, 'on');
    else localStorage.removeItem(KEPT);
  } catch {
    return false;
  }
  for (const listener of [...listeners]) listener();
  return allowed;
}

async function tell(jobId: string, open: () => void): Promise<void> {
  const job = await queryClient.fetchQuery({ ...jobQuery(jobId), staleTime: 0 });
  if (job.status !== 'completed' && !isFailed(job.status)) return;
  const text = say(appText, isFailed(job.status) ? 'noticeFailed' : 'noticeDone');
  const options = { body: nameOf(job), tag: job.id, icon: '/favicon.svg', data: `/transcript/${job.id}` };
  try {
    const notice = new Notification(text, options);
    notice.onclick = () => {
      window.focus();
      notice.close();
      open();
    };
  } catch {
    // Browsers of phones leave them to the service worker.
    const worker = await navigator.serviceWorker.getRegistration();
    await worker?.showNotification(text, options);
  }
}

/** Once in the shell: tells of jobs that have left the queue while nobody looked. */
export function useEndNotices(): void {
  const navigate = useNavigate();
  const jobs = useQuery(activeJobsQuery).data?.jobs;
  const before = useRef<string[]>([]);
  useEffect(() => {
    if (!jobs) return;
    const now = jobs.map((job) => job.id);
    const gone = before.current.filter((id) => !now.includes(id));
    before.current = now;
    if (!document.hidden || !wanted()) return;
    for (const jobId of gone) {
      tell(jobId, () => void navigate({ to: '/transcript/$jobId', params: { jobId } })).catch(() => undefined);
    }
  }, [jobs, navigate]);
}
