// Opens one transcript for editing: what this browser kept, the server's document, other tabs.
import { docFromWire } from '../editor/model';
import { completed, EditorSession, planScopes, type Reply, type SessionParts } from '../editor/session';
import { type EditorStore, IndexedStore, type Kept, NoStore, openDatabase, type ScopeInfo } from '../editor/store';
import { apiUrl } from '../api/client';
import { documentTransport } from './transport';

export interface OpenTranscript {
  readonly session: EditorSession;
  close(): void;
}

export type Failure = Exclude<Reply, { kind: 'document' | 'delta' | 'accepted' | 'conflict' | 'gone' }>;

const SCOPE_KEY = 'wt.scope.';
/** Without locks (pages over plain HTTP) a scope counts as left by its tab after this. */
const STALE_MS = 30_000;
/** How often to ask for news where the event stream does not stay open. */
const POLL_MS = 10_000;

/** A UUID also where the page is not served over TLS and crypto.randomUUID is missing. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function openStore(): Promise<EditorStore> {
  try {
    return new IndexedStore(await openDatabase());
  } catch {
    return new NoStore();
  }
}

/** Holds a scope for as long as this tab lives; false: another tab has it. */
function hold(scope: string, until: Promise<void>): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`wt-scope:${scope}`, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock) await until;
    });
  });
}

async function heldScopes(): Promise<Set<string>> {
  if (!navigator.locks) return new Set();
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => (name?.startsWith('wt-scope:') ? [name.slice('wt-scope:'.length)] : [])));
}

function tabScope(jobId: string): string | null {
  try {
    return sessionStorage.getItem(SCOPE_KEY + jobId);
  } catch {
    return null;
  }
}

function keepTabScope(jobId: string, scope: string): void {
  try {
    sessionStorage.setItem(SCOPE_KEY + jobId, scope);
  } catch {
    // Without it a reload finds the scope by its job.
  }
}

/** Brings the unsaved work of a closed tab to the server, then forgets it. */
async function rescue(
  scope: ScopeInfo,
  store: EditorStore,
  parts: Omit<SessionParts, 'scope' | 'store'>,
): Promise<void> {
  let free = (): void => {};
  if (!(await hold(scope.id, new Promise((resolve) => (free = resolve))))) return;
  try {
    let kept = await store.load(scope.id);
    if (kept && !kept.complete) {
      const reply = await parts.transport.load();
      kept = reply.kind === 'document' ? completed(kept, reply.wire) : null;
    }
    if (!kept) return;
    const session = new EditorSession({ ...parts, scope: scope.id, store }, kept.base, kept);
    session.refresh();
    await session.pump();
    const { saved } = session;
    await session.close();
    if (saved) await store.remove(scope.id);
  } finally {
    free();
  }
}

interface Found {
  readonly scope: string;
  readonly kept: Kept | null;
  readonly rescue: readonly ScopeInfo[];
}

async function findKept(jobId: string, user: string, store: EditorStore, until: Promise<void>): Promise<Found> {
  const [all, held] = await Promise.all([store.list(user), heldScopes()]);
  const own = tabScope(jobId);
  const left = (id: string): boolean => {
    if (navigator.locks) return !held.has(id);
    return id === own || Date.now() - (all.find((scope) => scope.id === id)?.time ?? 0) > STALE_MS;
  };
  const plan = planScopes(all, jobId, own, left);
  for (const scope of plan.forget) void store.remove(scope.id).catch(() => {});
  if (plan.adopt && (await hold(plan.adopt.id, until))) {
    keepTabScope(jobId, plan.adopt.id);
    return { scope: plan.adopt.id, kept: await store.load(plan.adopt.id), rescue: plan.rescue };
  }
  const scope = `${jobId}/${uuid()}`;
  keepTabScope(jobId, scope);
  await hold(scope, until);
  return { scope, kept: null, rescue: plan.rescue };
}

/** Listens for revisions: other tabs of this browser at once, the server by its event stream. */
function listen(jobId: string, session: EditorSession, channel: BroadcastChannel | null): () => void {
  if (channel) {
    channel.onmessage = (message: MessageEvent<unknown>) => {
      if (typeof message.data === 'number') session.heard(message.data);
    };
  }
  let source: EventSource | null = null;
  let shortLived = 0;
  let opened = 0;
  const open = (): void => {
    source = new EventSource(apiUrl('/jobs/{job_id}/events', { path: { job_id: jobId }, query: { follow: true } }));
    source.onopen = () => (opened = Date.now());
    source.addEventListener('document', (event) => {
      const { revision } = JSON.parse((event as MessageEvent<string>).data) as { revision?: unknown };
      if (typeof revision === 'number') session.heard(revision);
    });
    source.onerror = () => {
      // A stream that ends at once, again and again, is one that does not stay open: ask instead.
      if (Date.now() - opened < 5_000 && ++shortLived >= 3) source?.close();
    };
  };
  open();
  const poll = setInterval(() => {
    if (source?.readyState !== EventSource.OPEN && document.visibilityState === 'visible' && navigator.onLine)
      session.refresh();
  }, POLL_MS);
  const wake = (): void => session.refresh();
  const leave = (): void => {
    if (document.visibilityState === 'hidden') {
      void session.storeNow();
      void session.pump();
    }
  };
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', leave);
  window.addEventListener('pagehide', leave);
  return () => {
    source?.close();
    clearInterval(poll);
    channel?.close();
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', leave);
    window.removeEventListener('pagehide', leave);
  };
}

export async function openTranscript(jobId: string, user: string): Promise<OpenTranscript | Failure> {
  const transport = documentTransport(jobId);
  const store = await openStore();
  let release = (): void => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  const found = await findKept(jobId, user, store, until).catch((): Found => ({
    scope: `${jobId}/${uuid()}`,
    kept: null,
    rescue: [],
  }));
  let { kept } = found;
  let reply: Reply | null = null;
  if (!kept || !kept.complete) {
    reply = await transport.load();
    if (kept && reply.kind === 'document') kept = completed(kept, reply.wire);
    if (reply.kind !== 'document') {
      release();
      return reply as Failure;
    }
  }
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`wt-document-${jobId}`);
  const parts = { user, transport, newChangeId: uuid, announce: (revision: number) => channel?.postMessage(revision) };
  const base = kept ? kept.base : docFromWire((reply as { wire: Parameters<typeof docFromWire>[0] }).wire);
  const session = new EditorSession({ ...parts, scope: found.scope, store }, base, kept);
  const stop = listen(jobId, session, channel);
  if (kept) {
    // What was kept may be old: what happened meanwhile is fetched, and a lost document noticed.
    session.refresh();
  }
  const later = setTimeout(() => {
    void session.storeNow();
    for (const scope of found.rescue) void rescue(scope, store, parts).catch(() => {});
  }, 3_000);
  return {
    session,
    close: () => {
      clearTimeout(later);
      stop();
      void session.close().finally(release);
    },
  };
}
