// One upload by the tus protocol, version 1.0.0: begun once, sent in pieces, continued after any
// interruption from what the server says it has.
import { apiUrl, request } from '../api/client';
import { ApiProblem, offlineProblem, problemFrom } from '../api/problem';

const version = { 'Tus-Resumable': '1.0.0' };
/** Lost at most when the connection is cut; small enough to fit memory of a phone. */
const pieceBytes = 8 << 20;

function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** "filename dGFsay5tcDM=,model YmFzZQ==" */
export function uploadMetadata(fields: Record<string, string>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${base64(value)}`)
    .join(',');
}

/** Bytes that one recording may have; null when the server does not say. */
export async function bytesMax(): Promise<number | null> {
  const response = await fetch(apiUrl('/files'), { method: 'OPTIONS' });
  const value = Number(response.headers.get('Tus-Max-Size'));
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** The address of the new upload. */
export async function begin(size: number, fields: Record<string, string>): Promise<string> {
  const response = await request('post', '/files', {
    headers: { ...version, 'Upload-Length': String(size), 'Upload-Metadata': uploadMetadata(fields) },
  });
  const location = response.headers.get('Location');
  if (!location) throw new Error('The server began the upload without saying where.');
  return new URL(location, window.location.origin).pathname;
}

export interface Standing {
  offset: number;
  jobId: string | null;
}

export async function standing(location: string, signal: AbortSignal): Promise<Standing> {
  let response: Response;
  try {
    response = await fetch(location, { method: 'HEAD', headers: version, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw offlineProblem('HEAD /files/{upload_id}');
  }
  if (!response.ok) throw problemFrom(response.status, response.headers, '', 'HEAD /files/{upload_id}');
  return { offset: Number(response.headers.get('Upload-Offset')), jobId: response.headers.get('X-Job-ID') };
}

export async function abandon(location: string): Promise<void> {
  await fetch(location, { method: 'DELETE', headers: { ...version, 'X-Requested-With': 'fetch' } }).catch(() => undefined);
}

// XMLHttpRequest and not fetch: it tells how much of a body has been sent.
function sendPiece(location: string, piece: Blob, offset: number, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Standing> {
  return new Promise((resolve, reject) => {
    const label = 'PATCH /files/{upload_id}';
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    signal.addEventListener('abort', abort);
    xhr.open('PATCH', location);
    xhr.setRequestHeader('Tus-Resumable', '1.0.0');
    xhr.setRequestHeader('Upload-Offset', String(offset));
    xhr.setRequestHeader('Content-Type', 'application/offset+octet-stream');
    xhr.setRequestHeader('X-Requested-With', 'fetch');
    xhr.upload.onprogress = (event) => onSent(offset + event.loaded);
    xhr.onloadend = () => signal.removeEventListener('abort', abort);
    xhr.onabort = () => reject(new DOMException('Paused', 'AbortError'));
    xhr.onerror = () => reject(offlineProblem(label));
    xhr.onload = () => {
      if (xhr.status < 200 || xhr.status >= 300) {
        const headers = new Headers();
        for (const name of ['Retry-After', 'Content-Type', 'X-Request-ID']) {
          const value = xhr.getResponseHeader(name);
          if (value) headers.set(name, value);
        }
        reject(problemFrom(xhr.status, headers, xhr.responseText, label));
        return;
      }
      resolve({ offset: Number(xhr.getResponseHeader('Upload-Offset')), jobId: xhr.getResponseHeader('X-Job-ID') });
    };
    xhr.send(piece);
  });
}

function isPassing(error: unknown): boolean {
  // 409: another request was faster; 423: it still holds the upload; 460: a piece was damaged.
  return error instanceof ApiProblem && (error.offline || error.status >= 500 || [409, 423, 429, 460].includes(error.status));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('Paused', 'AbortError'));
    });
    // A network that comes back need not be waited for.
    window.addEventListener('online', () => resolve(), { once: true });
  });
}

/** Sends what the server lacks; the id of the job at the end. Failures that pass are waited out. */
export async function send(
  file: Blob,
  location: string,
  onSent: (bytes: number) => void,
  onWaiting: (waiting: boolean) => void,
  signal: AbortSignal,
): Promise<string> {
  const waitsMs = [1_000, 2_000, 4_000, 8_000, 15_000];
  let failures = 0;
  for (;;) {
    try {
      let now = await standing(location, signal);
      onWaiting(false);
      onSent(now.offset);
      while (!now.jobId) {
        // With every byte there an empty piece asks for the job again.
        const end = Math.min(file.size, now.offset + pieceBytes);
        now = await sendPiece(location, file.slice(now.offset, end), now.offset, onSent, signal);
        failures = 0;
      }
      return now.jobId;
    } catch (error) {
      if (!isPassing(error)) throw error;
      onWaiting(true);
      const named = error instanceof ApiProblem ? error.retryAfterS : null;
      const ms = named !== null ? named * 1_000 : (waitsMs[Math.min(failures, waitsMs.length - 1)] ?? 15_000);
      failures += 1;
      await pause(ms, signal);
    }
  }
}
