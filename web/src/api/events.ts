// A job's events: server-sent events that resume where they were cut (the browser sends
// Last-Event-ID), and polling where a proxy swallows them.
import { apiUrl } from './client';

export interface JobEvent {
  type: string;
  seq?: number;
  job_id?: string;
  [name: string]: unknown;
}

/** Types of the server's stream (src/service/api/events/job_stream.cc). */
const types = ['snapshot', 'status', 'progress', 'language', 'segment', 'log', 'document', 'end'];

export interface Watch {
  stop(): void;
}

/**
 * Calls `onEvent` for each event until `stop`. `onLost` says that the stream is interrupted (true)
 * or back (false): who watches polls meanwhile.
 */
export function watchJob(
  jobId: string,
  onEvent: (event: JobEvent) => void,
  onLost: (lost: boolean) => void = () => {},
): Watch {
  const source = new EventSource(apiUrl('/jobs/{job_id}/events', { path: { job_id: jobId } }));
  const handle = (message: MessageEvent<string>) => {
    let data: Record<string, unknown> = {};
    try {
      data = JSON.parse(message.data) as Record<string, unknown>;
    } catch {
      return;
    }
    onEvent({ ...data, type: message.type });
    if (message.type === 'end') source.close();
  };
  for (const type of types) source.addEventListener(type, handle as EventListener);
  source.onopen = () => onLost(false);
  source.onerror = () => onLost(true);
  return { stop: () => source.close() };
}
