// Every request of the page goes through here: same origin, cookies, one refresh of an expired
// session, failures as ApiProblem. Paths and bodies are typed by the served OpenAPI (schema.d.ts).
import { ApiProblem, offlineProblem, problemFrom } from './problem';
import type { paths } from './schema';

export const apiBase = '/api/v1';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, unknown> ? (paths[P][M] extends undefined ? never : P) : never;
}[keyof paths];

type JsonOf<T> = T extends { content: { 'application/json': infer B } } ? B : never;
type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? paths[P][M] : never;
type ResponseOf<O> = O extends { responses: infer R }
  ? JsonOf<R[Extract<keyof R, 200 | 201 | 202>]>
  : never;
type BodyOf<O> = O extends { requestBody?: infer B } ? JsonOf<NonNullable<B>> : never;

export type Query = Record<string, string | number | boolean | undefined | null>;
export interface CallOptions<B = unknown> {
  /** Values of {names} in the path; they are encoded here. */
  path?: Record<string, string | number>;
  query?: Query;
  json?: B;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** '' for what is not below /api/v1: the OpenAI-compatible routes. */
  base?: string;
}

export function apiUrl(template: string, options: Pick<CallOptions, 'path' | 'query' | 'base'> = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = options.path?.[name];
    return value === undefined ? whole : encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') query.append(name, String(value));
  }
  const tail = query.size > 0 ? `?${query.toString()}` : '';
  return `${options.base ?? apiBase}${path}${tail}`;
}

let onSignedOut: (() => void) | null = null;
/** Called when the session is over and cannot be refreshed. */
export function setSignedOutHandler(handler: () => void) {
  onSignedOut = handler;
}

let refreshing: Promise<boolean> | null = null;
function refreshSession(): Promise<boolean> {
  refreshing ??= fetch(`${apiBase}/auth/refresh`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'fetch' },
    body: '{}',
  })
    .then((response) => response.ok)
    .catch(() => false)
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

const waitsMax = 3;
const waitSecondsMax = 10;

function waitFor(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Not all at the same moment again.
    const timer = setTimeout(resolve, seconds * 1_000 + Math.random() * 500);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('Aborted', 'AbortError'));
    });
  });
}

/** The plain request; throws ApiProblem unless the status is 2xx (or 304). */
export async function request(method: string, template: string, options: CallOptions = {}): Promise<Response> {
  const url = apiUrl(template, options);
  const label = `${method.toUpperCase()} ${template}`;
  const headers: Record<string, string> = { 'X-Requested-With': 'fetch', ...options.headers };
  let body = options.body;
  if (options.json !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.json);
  }
  const send = async () => {
    try {
      return await fetch(url, { method: method.toUpperCase(), headers, body, signal: options.signal });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw offlineProblem(label);
    }
  };
  let response = await send();
  const authRoute = template.startsWith('/auth/login') || template.startsWith('/auth/refresh');
  // The limit of requests is a bucket that soon fills again, and what was refused was not carried
  // out: it is asked again, unnoticed. Too many wrong passwords are told at once.
  for (let tries = 0; response.status === 429 && !authRoute && tries < waitsMax; ++tries) {
    const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10) || 1;
    if (seconds > waitSecondsMax) break;
    await waitFor(seconds, options.signal);
    response = await send();
  }
  if (response.status === 401 && !authRoute) {
    // A stream as body cannot be sent twice; none of our bodies is one.
    if (await refreshSession()) response = await send();
    if (response.status === 401) onSignedOut?.();
  }
  if (response.ok || response.status === 304) return response;
  throw problemFrom(response.status, response.headers, await response.text(), label);
}

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function verb<M extends Method>(method: M) {
  return async <P extends PathsWith<M>>(
    path: P,
    options: CallOptions<BodyOf<Operation<P, M>>> = {},
  ): Promise<ResponseOf<Operation<P, M>>> => json(await request(method, path as string, options));
}

export const api = {
  get: verb('get'),
  post: verb('post'),
  put: verb('put'),
  patch: verb('patch'),
  delete: verb('delete'),
};

export { ApiProblem };
