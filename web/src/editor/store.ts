// What the browser keeps of a transcript under edit: the server's state as last known, unsaved
// edits, the change that is under way, and the history of undo. It survives reloads, crashes and
// days without a network.
//
// A scope is one tab's work on one job. Rows are written by difference: a keystroke writes one
// turn. All rows of one save are one transaction, so base and edits always belong together.

import type { Conflict } from './merge';
import type { Entry, History } from './history';
import { comparePlaces, type Doc, type Speaker, type Turn } from './model';
import type { ChangeSet, SyncState } from './sync';

export interface Kept {
  readonly base: Doc;
  readonly local: Doc;
  readonly underway: ChangeSet | null;
  readonly conflicts: readonly Conflict[];
  readonly history: History;
  /** All of the base is here; otherwise only the turns that have unsaved edits. */
  readonly complete: boolean;
}

interface Head {
  readonly id: string;
  readonly user: string;
  readonly job: string;
  readonly revision: number;
  readonly language: string;
  readonly duration: number;
  readonly base: readonly Speaker[];
  readonly local: readonly Speaker[];
  readonly underway: ChangeSet | null;
  readonly conflicts: readonly Conflict[];
  readonly pending: boolean;
  readonly complete: boolean;
  readonly time: number;
}

export interface ScopeInfo {
  readonly id: string;
  readonly job: string;
  readonly pending: boolean;
  readonly complete: boolean;
  readonly time: number;
}

export interface EditorStore {
  list(user: string): Promise<ScopeInfo[]>;
  load(scope: string): Promise<Kept | null>;
  /** Resolves when the state is on disk as far as one step goes; true: there is more to write. */
  save(scope: string, user: string, state: SyncState): Promise<boolean>;
  saveHistory(scope: string, history: History): Promise<void>;
  remove(scope: string): Promise<void>;
}

export const DATABASE = 'wt-editor';
/** Rows of the base written in one go while a document is kept for the first time: some 5 ms. */
const FIRST_ROWS = 400;
/** Words of undo kept over a reload; some 8 MB. */
const HISTORY_WORDS = 100_000;

type Row = [scope: string, side: 'b' | 'l', turn: string];

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the browser refused to store'));
  });
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser could not read its store'));
  });
}

export function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('heads', { keyPath: 'id' });
      request.result.createObjectStore('rows');
      request.result.createObjectStore('history');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser has no store'));
    request.onblocked = () => reject(new Error('another tab holds an older store'));
  });
}

const sideOf = (scope: string, side: 'b' | 'l'): IDBKeyRange =>
  IDBKeyRange.bound([scope, side, ''], [scope, side, '\uffff']);

/** What of one side of a scope is on disk. */
interface Written {
  readonly base: Map<string, Turn>;
  readonly local: Map<string, Turn | null>;
}

export class IndexedStore implements EditorStore {
  private readonly written = new Map<string, Written>();

  constructor(private readonly database: IDBDatabase) {}

  async list(user: string): Promise<ScopeInfo[]> {
    const heads = await result(this.database.transaction('heads').objectStore('heads').getAll() as IDBRequest<Head[]>);
    return heads
      .filter((head) => head.user === user)
      .map(({ id, job, pending, complete, time }) => ({ id, job, pending, complete, time }));
  }

  async load(scope: string): Promise<Kept | null> {
    const transaction = this.database.transaction(['heads', 'rows', 'history']);
    const rows = transaction.objectStore('rows');
    const [head, base, local, localKeys, history] = await Promise.all([
      result(transaction.objectStore('heads').get(scope) as IDBRequest<Head | undefined>),
      result(rows.getAll(sideOf(scope, 'b')) as IDBRequest<Turn[]>),
      result(rows.getAll(sideOf(scope, 'l')) as IDBRequest<(Turn | null)[]>),
      result(rows.getAllKeys(sideOf(scope, 'l')) as IDBRequest<IDBValidKey[]>),
      result(transaction.objectStore('history').get(scope) as IDBRequest<History | undefined>),
    ]);
    if (!head) return null;
    const differing = new Map(localKeys.map((key, index) => [(key as Row)[2], local[index] ?? null]));
    this.written.set(scope, { base: new Map(base.map((turn) => [turn.id, turn])), local: differing });
    const turns = new Map(base.map((turn) => [turn.id, turn]));
    const mine = new Map(turns);
    for (const [id, turn] of differing) {
      if (turn) mine.set(id, turn);
      else mine.delete(id);
    }
    return {
      base: docOf(head, turns, head.base),
      local: docOf(head, mine, head.local),
      underway: head.underway,
      conflicts: head.conflicts,
      history: history ?? { done: [], undone: [] },
      complete: head.complete,
    };
  }

  async save(scope: string, user: string, state: SyncState): Promise<boolean> {
    const { base, local } = state;
    let written = this.written.get(scope);
    if (!written) this.written.set(scope, (written = { base: new Map(), local: new Map() }));
    const transaction = this.database.transaction(['heads', 'rows'], 'readwrite', { durability: 'relaxed' });
    const rows = transaction.objectStore('rows');
    const pending = new Set<string>();
    for (const [id, turn] of local.turns) if (base.turns.get(id) !== turn) pending.add(id);
    for (const id of base.turns.keys()) if (!local.turns.has(id)) pending.add(id);
    for (const id of pending) {
      const turn = local.turns.get(id) ?? null;
      if (written.local.has(id) && written.local.get(id) === turn) continue;
      rows.put(turn, [scope, 'l', id] satisfies Row);
      written.local.set(id, turn);
    }
    for (const id of written.local.keys()) {
      if (pending.has(id)) continue;
      rows.delete([scope, 'l', id] satisfies Row);
      written.local.delete(id);
    }
    const more = writeBase(rows, scope, written.base, base, pending);
    const head: Head = {
      id: scope,
      user,
      job: base.jobId,
      revision: base.revision,
      language: base.language,
      duration: base.duration,
      base: [...base.speakers.values()],
      local: [...local.speakers.values()],
      underway: state.underway,
      conflicts: state.conflicts,
      pending: pending.size > 0 || state.underway !== null || base.speakers !== local.speakers,
      complete: !more,
      time: Date.now(),
    };
    transaction.objectStore('heads').put(head);
    await done(transaction);
    return more;
  }

  async saveHistory(scope: string, history: History): Promise<void> {
    const transaction = this.database.transaction('history', 'readwrite', { durability: 'relaxed' });
    const kept = { done: newest(history.done), undone: newest(history.undone) };
    transaction.objectStore('history').put(kept, scope);
    await done(transaction);
  }

  async remove(scope: string): Promise<void> {
    this.written.delete(scope);
    const transaction = this.database.transaction(['heads', 'rows', 'history'], 'readwrite');
    transaction.objectStore('heads').delete(scope);
    transaction.objectStore('history').delete(scope);
    for (const side of ['b', 'l'] as const) transaction.objectStore('rows').delete(sideOf(scope, side));
    await done(transaction);
  }
}

/** Writes rows of the base that differ. The first time in parts, those with edits first. */
function writeBase(
  rows: IDBObjectStore,
  scope: string,
  written: Map<string, Turn>,
  base: Doc,
  pending: ReadonlySet<string>,
): boolean {
  const first = written.size < base.turns.size;
  let left = first ? FIRST_ROWS : Number.POSITIVE_INFINITY;
  const put = (id: string): boolean => {
    const turn = base.turns.get(id);
    if (!turn || written.get(id) === turn) return true;
    if (left-- <= 0 && !pending.has(id)) return false;
    rows.put(turn, [scope, 'b', id] satisfies Row);
    written.set(id, turn);
    return true;
  };
  for (const id of pending) put(id);
  for (const id of written.keys()) {
    if (base.turns.has(id)) continue;
    rows.delete([scope, 'b', id] satisfies Row);
    written.delete(id);
  }
  let more = false;
  for (const id of base.turns.keys()) {
    if (!put(id)) more = true;
  }
  return more;
}

function newest(entries: readonly Entry[]): Entry[] {
  let words = 0;
  const size = (entry: Entry): number =>
    [...entry.before.turns, ...entry.after.turns].reduce((sum, [, turn]) => sum + (turn?.words.length ?? 0), 0);
  const kept: Entry[] = [];
  for (let index = entries.length - 1; index >= 0; --index) {
    const entry = entries[index] as Entry;
    words += size(entry);
    if (words > HISTORY_WORDS) break;
    kept.push(entry);
  }
  return kept.reverse();
}

function docOf(head: Head, turns: ReadonlyMap<string, Turn>, speakers: readonly Speaker[]): Doc {
  return {
    revision: head.revision,
    jobId: head.job,
    language: head.language,
    duration: head.duration,
    speakers: new Map(speakers.map((speaker) => [speaker.id, speaker])),
    turns,
    order: [...turns.values()].sort(comparePlaces).map((turn) => turn.id),
  };
}

/** Removes all transcripts that have no unsaved edits, of all people (at sign-out). */
export async function forgetKept(): Promise<void> {
  if (typeof indexedDB === 'undefined') return;
  const database = await openDatabase();
  const store = new IndexedStore(database);
  const heads = await result(database.transaction('heads').objectStore('heads').getAll() as IDBRequest<Head[]>);
  for (const head of heads) if (!head.pending) await store.remove(head.id);
  database.close();
}

/** Where the browser keeps nothing (private windows that forbid it): edits live in this tab. */
export class NoStore implements EditorStore {
  list = (): Promise<ScopeInfo[]> => Promise.resolve([]);
  load = (): Promise<null> => Promise.resolve(null);
  save = (): Promise<boolean> => Promise.resolve(false);
  saveHistory = (): Promise<void> => Promise.resolve();
  remove = (): Promise<void> => Promise.resolve();
}
