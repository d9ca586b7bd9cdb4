// The uploads of this page: a list that screens watch, and what may be done with each. Two are sent
// at a time. A reload continues them: at once where the browser kept the file's handle and still
// allows reading it, else after the same file has been chosen again.
import { useSyncExternalStore } from 'react';
import { queryClient } from '../api/queries';
import { dropUpload, keepUpload, type KeptUpload, keptUploads } from './keep';
import { fingerprint } from './probe';
import * as tus from './tus';

export type UploadState = 'waiting' | 'sending' | 'paused' | 'needsFile' | 'done' | 'failed';

export interface Upload {
  id: string;
  name: string;
  size: number;
  seconds: number | null;
  state: UploadState;
  sent: number;
  /** Bytes per second over the last seconds; 0 while unknown. */
  rate: number;
  /** The connection is away; it goes on by itself. */
  interrupted: boolean;
  jobId: string | null;
  error: unknown;
}

interface Work {
  upload: Upload;
  kept: KeptUpload;
  file: Blob | null;
  abort: AbortController | null;
}

const parallelMax = 2;
const works = new Map<string, Work>();
let shown: Upload[] = [];
const listeners = new Set<() => void>();

function publish() {
  shown = [...works.values()].map((work) => work.upload);
  for (const listener of listeners) listener();
}

function set(work: Work, change: Partial<Upload>) {
  work.upload = { ...work.upload, ...change };
  publish();
}

export function useUploads(): Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}

function isPaused(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function work(item: Work, file: Blob) {
  const abort = new AbortController();
  item.abort = abort;
  set(item, { state: 'sending', error: null });
  let rateAt = performance.now();
  let rateFrom = -1;
  const onSent = (sent: number) => {
    const now = performance.now();
    if (rateFrom < 0) {
      rateFrom = sent;
      rateAt = now;
    }
    let rate = item.upload.rate;
    if (now - rateAt > 1_000) {
      rate = ((sent - rateFrom) * 1_000) / (now - rateAt);
      rateFrom = sent;
      rateAt = now;
    }
    set(item, { sent, rate });
  };
  try {
    if (!item.kept.location) {
      item.kept.location = await tus.begin(file.size, { filename: item.upload.name, ...item.kept.options });
      await keepUpload(item.kept);
    }
    const jobId = await tus.send(file, item.kept.location, onSent, (interrupted) => set(item, { interrupted }), abort.signal);
    set(item, { state: 'done', sent: item.upload.size, jobId });
    await dropUpload(item.upload.id);
    void queryClient.invalidateQueries({ queryKey: ['jobs'] });
  } catch (error) {
    if (!works.has(item.upload.id)) return;
    if (isPaused(error)) set(item, { state: 'paused', interrupted: false, rate: 0 });
    else {
      set(item, { state: 'failed', interrupted: false, error });
      // What was refused need not be asked for after a reload.
      await dropUpload(item.upload.id);
    }
  } finally {
    item.abort = null;
    startNext();
  }
}

function startNext() {
  const all = [...works.values()];
  let running = all.filter((item) => item.upload.state === 'sending').length;
  for (const item of all) {
    if (running >= parallelMax) return;
    if (item.upload.state === 'waiting' && item.file) {
      running += 1;
      void work(item, item.file);
    }
  }
}

export interface NewFile {
  file: File;
  name?: string;
  seconds: number | null;
  handle?: FileSystemFileHandle | null;
}

export async function addUploads(files: NewFile[], options: Record<string, string>): Promise<string[]> {
  const ids: string[] = [];
  for (const { file, name, seconds, handle } of files) {
    const kept: KeptUpload = {
      id: crypto.randomUUID?.() ?? `u${Date.now()}${Math.random()}`,
      name: name ?? file.name,
      size: file.size,
      lastModified: file.lastModified,
      fingerprint: await fingerprint(file),
      seconds,
      location: null,
      options,
      handle: handle ?? null,
      addedAt: Date.now(),
    };
    works.set(kept.id, { kept, file, abort: null, upload: uploadOf(kept, 'waiting') });
    ids.push(kept.id);
    void keepUpload(kept);
  }
  publish();
  startNext();
  return ids;
}

function uploadOf(kept: KeptUpload, state: UploadState): Upload {
  return { id: kept.id, name: kept.name, size: kept.size, seconds: kept.seconds, state, sent: 0, rate: 0, interrupted: false, jobId: null, error: null };
}

export function pauseUpload(id: string) {
  const item = works.get(id);
  if (item?.abort) item.abort.abort();
  else if (item?.upload.state === 'waiting') set(item, { state: 'paused' });
}

export function resumeUpload(id: string) {
  const item = works.get(id);
  if (!item?.file) return;
  // An upload that the server has given up begins anew.
  if (item.upload.state === 'failed') {
    item.kept.location = null;
    void keepUpload(item.kept);
  }
  set(item, { state: 'waiting', error: null });
  startNext();
}

export async function removeUpload(id: string) {
  const item = works.get(id);
  if (!item) return;
  works.delete(id);
  publish();
  item.abort?.abort();
  await dropUpload(id);
  if (item.kept.location && item.upload.state !== 'done') await tus.abandon(item.kept.location);
}

/** All of them, also those that other pages of this browser began: what they had sent is given up. */
export async function forgetUploads() {
  for (const id of [...works.keys()]) await removeUpload(id).catch(() => undefined);
  for (const kept of await keptUploads()) {
    await dropUpload(kept.id);
    if (kept.location) await tus.abandon(kept.location).catch(() => undefined);
  }
}

/** The answer of somebody who was asked for the file again: false when it is another one. */
export async function giveFile(id: string, file: File): Promise<boolean> {
  const item = works.get(id);
  if (!item) return false;
  if (file.size !== item.kept.size || (await fingerprint(file)) !== item.kept.fingerprint) return false;
  item.file = file;
  set(item, { state: 'waiting' });
  startNext();
  return true;
}

/** Asks the browser for the file behind a kept handle; must be called by a click. */
export async function reopenFile(id: string): Promise<boolean> {
  const handle = works.get(id)?.kept.handle as (FileSystemFileHandle & { requestPermission?: (o: { mode: 'read' }) => Promise<string> }) | null | undefined;
  if (!handle) return false;
  try {
    if (handle.requestPermission && (await handle.requestPermission({ mode: 'read' })) !== 'granted') return false;
    return await giveFile(id, await handle.getFile());
  } catch {
    return false;
  }
}

/** The job of an upload, once it is sent; rejected when it fails or is removed. */
export function uploaded(id: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const upload = works.get(id)?.upload;
      if (upload?.state === 'done' && upload.jobId) resolve(upload.jobId);
      else if (!upload) reject(new DOMException('Removed', 'AbortError'));
      else if (upload.state === 'failed') reject(upload.error instanceof Error ? upload.error : new Error(String(upload.error)));
      else return;
      listeners.delete(look);
    };
    listeners.add(look);
    look();
  });
}

let restored = false;
/** Brings back what an earlier page left unfinished. Once per page. */
export async function restoreUploads() {
  if (restored) return;
  restored = true;
  for (const kept of await keptUploads()) {
    if (works.has(kept.id)) continue;
    const item: Work = { kept, file: null, abort: null, upload: uploadOf(kept, 'needsFile') };
    works.set(kept.id, item);
    const handle = kept.handle as (FileSystemFileHandle & { queryPermission?: (o: { mode: 'read' }) => Promise<string> }) | null;
    try {
      if (handle && (!handle.queryPermission || (await handle.queryPermission({ mode: 'read' })) === 'granted')) {
        await giveFile(kept.id, await handle.getFile());
      }
    } catch {
      // The file has been moved: it is asked for.
    }
  }
  publish();
}
