// What survives a reload, in IndexedDB: uploads under way (with the file's handle where the browser
// gives one) and recordings made here that have not been sent. Without IndexedDB nothing is kept.

export interface KeptUpload {
  id: string;
  name: string;
  size: number;
  lastModified: number;
  /** Of samples of the content: the file chosen again must be the same. */
  fingerprint: string;
  seconds: number | null;
  /** Address of the tus upload; null: not begun. */
  location: string | null;
  options: Record<string, string>;
  handle: FileSystemFileHandle | null;
  addedAt: number;
}

export interface KeptRecording {
  id: string;
  startedAt: number;
  type: string;
  seconds: number;
  /** Pieces in order, as the recorder made them. */
  pieces: Blob[];
}

const databaseName = 'whisper-transcriber';
const stores = ['uploads', 'recordings'] as const;
type Store = (typeof stores)[number];

let opened: Promise<IDBDatabase | null> | null = null;

function open(): Promise<IDBDatabase | null> {
  opened ??= new Promise((resolve) => {
    let request: IDBOpenDBRequest;
    try {
      request = indexedDB.open(databaseName, 1);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => {
      for (const name of stores) request.result.createObjectStore(name, { keyPath: 'id' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });
  return opened;
}

async function run<T>(store: Store, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  const database = await open();
  if (!database) return undefined;
  return new Promise((resolve) => {
    try {
      const request = act(database.transaction(store, mode).objectStore(store));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    } catch {
      // A handle that cannot be stored, or a full disk: the upload then does not survive a reload.
      resolve(undefined);
    }
  });
}

export const keepUpload = (upload: KeptUpload) => run('uploads', 'readwrite', (s) => s.put(upload));
export const dropUpload = (id: string) => run('uploads', 'readwrite', (s) => s.delete(id));
export const keptUploads = async () => ((await run('uploads', 'readonly', (s) => s.getAll())) ?? []) as KeptUpload[];

export const keepRecording = (recording: KeptRecording) => run('recordings', 'readwrite', (s) => s.put(recording));
export const dropRecording = (id: string) => run('recordings', 'readwrite', (s) => s.delete(id));
export const keptRecordings = async () => ((await run('recordings', 'readonly', (s) => s.getAll())) ?? []) as KeptRecording[];
