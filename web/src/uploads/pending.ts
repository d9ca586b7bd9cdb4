// Files that were chosen or dropped and not yet sent: probed and looked up in the library meanwhile.
import { useSyncExternalStore } from 'react';
import { fetchJobs, type Job } from '../api/queries';
import { type Kind, kindOf, probeSeconds } from './probe';
import { addUploads, removeUpload, uploaded } from './store';

export interface Pending {
  id: number;
  file: File;
  name: string;
  kind: Kind;
  handle: FileSystemFileHandle | null;
  /** undefined: still being probed. */
  seconds: number | null | undefined;
  /** A job of the same name and size. */
  duplicate: Job | null;
}

/** More than this at once is refused; folders of years are better sent by the API. */
export const filesMax = 500;

let list: Pending[] = [];
let refused = 0;
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: Pending[]) {
  list = next;
  for (const listener of listeners) listener();
}

function change(id: number, part: Partial<Pending>) {
  publish(list.map((entry) => (entry.id === id ? { ...entry, ...part } : entry)));
}

export interface Chosen {
  file: File;
  name: string;
  handle: FileSystemFileHandle | null;
}

// Probing decodes the head of a file: a few at a time.
let probing: Promise<void> = Promise.resolve();

async function look(entry: Pending) {
  const seconds = entry.kind === 'other' ? null : await probeSeconds(entry.file);
  change(entry.id, { seconds });
  try {
    const page = await fetchJobs({ search: entry.file.name.slice(0, 200), limit: 20 });
    const same = page.jobs.find((job) => job.filename === entry.name && job.file_size === entry.file.size);
    if (same) change(entry.id, { duplicate: same });
  } catch {
    // The notice is a courtesy; sending works without it.
  }
}

export function addPending(chosen: Chosen[]) {
  const known = new Set(list.map((entry) => `${entry.name}|${entry.file.size}|${entry.file.lastModified}`));
  const fresh = chosen.filter(({ file, name }) => !known.has(`${name}|${file.size}|${file.lastModified}`));
  const room = Math.max(0, filesMax - list.length);
  refused = Math.max(0, fresh.length - room);
  const added = fresh.slice(0, room).map(({ file, name, handle }): Pending => ({
    id: nextId++,
    file,
    name,
    handle,
    kind: kindOf(name, file.type),
    seconds: undefined,
    duplicate: null,
  }));
  publish([...list, ...added]);
  for (const entry of added) probing = probing.then(() => look(entry));
}

export function removePending(id: number) {
  publish(list.filter((entry) => entry.id !== id));
}

export function clearPending() {
  publish([]);
}

/** Begins to send all that are recordings; the others stay in the list. */
export async function sendPending(fields: Record<string, string>, bytesMax: number | null): Promise<string[]> {
  const fits = (entry: Pending) => entry.kind !== 'other' && entry.file.size > 0 && (bytesMax === null || entry.file.size <= bytesMax);
  const going = list.filter(fits);
  publish(list.filter((entry) => !fits(entry)));
  return addUploads(
    going.map(({ file, name, seconds, handle }) => ({ file, name, seconds: seconds ?? null, handle })),
    fields,
  );
}

export function usePending(): Pending[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => list,
  );
}

export function refusedCount(): number {
  return refused;
}

type Entry = FileSystemEntry & Partial<FileSystemFileEntry> & Partial<FileSystemDirectoryEntry>;

async function filesBelow(entry: Entry, out: Chosen[]): Promise<void> {
  if (out.length > filesMax) return;
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) => (entry as FileSystemFileEntry).file(resolve, () => resolve(null)));
    // Hidden files are the file manager's own.
    if (file && !file.name.startsWith('.')) out.push({ file, name: file.name, handle: null });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (part.length === 0) return;
    for (const child of part) await filesBelow(child as Entry, out);
  }
}

type HandleItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/** Everything in a drop: files with their handles where the browser has them, folders with all in them. */
export async function readDrop(data: DataTransfer): Promise<Chosen[]> {
  // The items are gone after the first await: all are asked before.
  const items = [...data.items].filter((item) => item.kind === 'file') as HandleItem[];
  const asked = items.map((item) => ({
    entry: (item.webkitGetAsEntry?.() ?? null) as Entry | null,
    file: item.getAsFile(),
    handle: item.getAsFileSystemHandle?.() ?? Promise.resolve(null),
  }));
  const out: Chosen[] = [];
  for (const { entry, file, handle } of asked) {
    if (entry?.isDirectory) {
      await filesBelow(entry, out);
    } else if (file) {
      const kept = await handle.catch(() => null);
      out.push({ file, name: file.name, handle: kept?.kind === 'file' ? (kept as FileSystemFileHandle) : null });
    }
  }
  return out;
}

type Picker = (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;

/** The browser's own dialog, with handles where it can; null: use a plain file input. */
export async function pickFiles(): Promise<Chosen[] | null> {
  const picker = (window as { showOpenFilePicker?: Picker }).showOpenFilePicker;
  if (!picker || !window.isSecureContext) return null;
  try {
    const handles = await picker.call(window, { multiple: true });
    return await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), name: handle.name, handle })));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return [];
    return null;
  }
}

/** Sends the bundled recording, as if it had been chosen; the id of its job. */
export async function sendSample(fields: Record<string, string>): Promise<string> {
  const response = await fetch('/sample.flac');
  if (!response.ok) throw new Error(`The sample could not be read (HTTP ${response.status}).`);
  const file = new File([await response.blob()], 'sample.flac', { type: 'audio/flac' });
  const [id] = await addUploads([{ file, seconds: await probeSeconds(file) }], fields);
  if (id === undefined) throw new Error('The sample could not be sent.');
  const jobId = await uploaded(id);
  await removeUpload(id);
  return jobId;
}
