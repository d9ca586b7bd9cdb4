// One open transcript: the document of now, its history, saving and hearing of others' changes.
//
// The only place with effects: it turns the state machines of sync.ts and history.ts with a
// transport, a store and timers that are given to it. One thread; subscribers are told after each
// change and read `snapshot`.

import { EMPTY_HISTORY, record, redo, undo, type History } from './history';
import { resolveConflict, type Conflict } from './merge';
import { docFromWire, patchDoc, type Doc, type WireDoc } from './model';
import type { EditorStore, Kept, ScopeInfo } from './store';
import {
  edited,
  heardOf,
  isSaved,
  onAccepted,
  onConflict,
  onDelta,
  onGone,
  onLoaded,
  onRefused,
  request,
  startSync,
  type ChangeSet,
  type Delta,
  type Request,
  type SyncState,
} from './sync';

/** What the server said, without exceptions. `later`: no answer, or one that asks to wait. */
export type Reply =
  | { readonly kind: 'accepted'; readonly revision: number; readonly revs: Readonly<Record<string, number>> }
  | { readonly kind: 'conflict'; readonly revision: number }
  | { readonly kind: 'delta'; readonly delta: Delta }
  | { readonly kind: 'document'; readonly wire: WireDoc }
  | { readonly kind: 'gone' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'later'; readonly afterMs?: number };

export interface Transport {
  load(): Promise<Reply>;
  since(revision: number): Promise<Reply>;
  change(body: ChangeSet): Promise<Reply>;
}

export type SaveState =
  | { readonly kind: 'saved'; readonly at: number | null }
  | { readonly kind: 'unsaved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'offline'; readonly edits: number }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly message: string };

export interface Snapshot {
  readonly doc: Doc;
  readonly save: SaveState;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly conflicts: readonly Conflict[];
  /** Where the last edit, undo or redo happened: the page goes there. */
  readonly focus: { readonly turn: string; readonly nonce: number } | null;
  /** The browser keeps unsaved edits over a reload. */
  readonly keeps: boolean;
}

/** Pause after the last keystroke before it is sent, and how long it may wait while one types on. */
export const SAVE_AFTER_MS = 600;
export const SAVE_WITHIN_MS = 2_500;
const STORE_AFTER_MS = 250;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 20_000] as const;

export interface SessionParts {
  readonly scope: string;
  readonly user: string;
  readonly transport: Transport;
  readonly store: EditorStore;
  readonly now?: () => number;
  readonly newChangeId: () => string;
  /** Tells other tabs of this browser. */
  readonly announce?: (revision: number) => void;
}

export class EditorSession {
  private state: SyncState;
  private history: History;
  private readonly listeners = new Set<() => void>();
  private view: Snapshot;
  private pumping: Promise<void> | null = null;
  private trouble: SaveState | null = null;
  private savedAt: number | null = null;
  private failures = 0;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private firstUnsaved: number | null = null;
  private storeTimer: ReturnType<typeof setTimeout> | undefined;
  private storing: Promise<void> = Promise.resolve();
  private keeps = true;
  private focus: Snapshot['focus'] = null;
  private closed = false;
  private readonly now: () => number;

  constructor(
    private readonly parts: SessionParts,
    base: Doc,
    kept: Kept | null = null,
  ) {
    this.now = parts.now ?? Date.now;
    this.state = kept
      ? { ...startSync(kept.base, kept.local, kept.underway), conflicts: kept.conflicts }
      : startSync(base);
    this.history = kept?.history ?? EMPTY_HISTORY;
    this.view = this.look();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get snapshot(): Snapshot {
    return this.view;
  }

  get doc(): Doc {
    return this.state.local;
  }

  private look(): Snapshot {
    return {
      doc: this.state.local,
      save: this.saveState(),
      canUndo: this.history.done.length > 0,
      canRedo: this.history.undone.length > 0,
      conflicts: this.state.conflicts,
      focus: this.focus,
      keeps: this.keeps,
    };
  }

  private saveState(): SaveState {
    if (this.state.refused) return { kind: 'refused', message: this.state.refused.message };
    if (this.trouble) {
      if (this.trouble.kind === 'offline') return { kind: 'offline', edits: isSaved(this.state) ? 0 : 1 };
      return this.trouble;
    }
    if (isSaved(this.state)) return { kind: 'saved', at: this.savedAt };
    return this.state.underway ? { kind: 'saving' } : { kind: 'unsaved' };
  }

  private publish(): void {
    this.view = this.look();
    for (const listener of [...this.listeners]) listener();
  }

  /** Makes `next` the document. `tag`: edits with the same one in quick succession undo together. */
  commit(next: Doc, label: string, tag = '', turn?: string): void {
    const before = this.state.local;
    if (next === before) return;
    this.history = record(this.history, before, next, label, tag, this.now());
    this.state = edited(this.state, next);
    if (turn !== undefined) this.focus = { turn, nonce: (this.focus?.nonce ?? 0) + 1 };
    this.changed();
  }

  private changed(): void {
    this.publish();
    this.storeSoon();
    this.saveSoon();
  }

  undo(): string | null {
    return this.step(undo);
  }

  redo(): string | null {
    return this.step(redo);
  }

  private step(move: typeof undo): string | null {
    const stepped = move(this.state.local, this.history);
    if (!stepped) return null;
    this.history = stepped.history;
    this.state = edited(this.state, stepped.doc);
    const touched = stepped.entry.before.turns.map(([id]) => id);
    const turn = touched.find((id) => stepped.doc.turns.has(id));
    if (turn !== undefined) this.focus = { turn, nonce: (this.focus?.nonce ?? 0) + 1 };
    this.changed();
    return stepped.entry.label;
  }

  resolve(conflict: Conflict, keep: 'mine' | 'theirs' | 'both'): void {
    this.state = { ...this.state, conflicts: this.state.conflicts.filter((other) => other.id !== conflict.id) };
    const next = resolveConflict(this.state.local, conflict, keep);
    if (next === this.state.local) this.changed();
    else this.commit(next, 'resolve', '', conflict.where);
  }

  /** Another tab or the server says that there is something new. */
  heard(revision: number): void {
    const next = heardOf(this.state, revision);
    if (next === this.state) return;
    this.state = next;
    void this.pump();
  }

  /** Reads what is new, whatever was heard (after sleep, when the network is back). */
  refresh(): void {
    if (this.state.pull === 'no') this.state = { ...this.state, pull: 'since' };
    this.trouble = null;
    this.failures = 0;
    void this.pump();
  }

  private saveSoon(): void {
    if (this.closed) return;
    const now = this.now();
    this.firstUnsaved ??= now;
    const wait = Math.max(0, Math.min(SAVE_AFTER_MS, this.firstUnsaved + SAVE_WITHIN_MS - now));
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => void this.pump(), wait);
  }

  private storeSoon(): void {
    if (this.closed || this.storeTimer !== undefined) return;
    this.storeTimer = setTimeout(() => void this.storeNow(), STORE_AFTER_MS);
  }

  private historyStored: History | null = null;

  /** Writes to the browser's store; at once when the page is about to go away. */
  storeNow(): Promise<void> {
    clearTimeout(this.storeTimer);
    this.storeTimer = undefined;
    this.storing = this.storing.then(async () => {
      const { store, scope, user } = this.parts;
      try {
        const more = await store.save(scope, user, this.state);
        if (this.history !== this.historyStored) {
          this.historyStored = this.history;
          await store.saveHistory(scope, this.history);
        }
        if (more) this.storeSoon();
        if (!this.keeps) this.setKeeps(true);
      } catch {
        // A full disk or a forbidden store: the edits are still sent to the server; the page says
        // that a reload would lose what is not saved yet.
        this.setKeeps(false);
      }
    });
    return this.storing;
  }

  private setKeeps(keeps: boolean): void {
    if (this.keeps === keeps) return;
    this.keeps = keeps;
    this.publish();
  }

  /** Sends and fetches until there is nothing left to do, or something has to be waited for. */
  pump(): Promise<void> {
    this.pumping ??= this.turn().finally(() => {
      this.pumping = null;
    });
    return this.pumping;
  }

  private async turn(): Promise<void> {
    clearTimeout(this.saveTimer);
    this.firstUnsaved = null;
    while (!this.closed) {
      const next = request(this.state, this.parts.newChangeId);
      this.state = next.state;
      if (!next.request) break;
      this.publish();
      // The id of a change must be on disk before the server sees it (repeat after a crash).
      if (next.request.kind === 'change') await this.storeNow();
      const reply = await this.send(next.request);
      if (this.closed || !this.take(reply)) break;
      this.storeSoon();
    }
    this.publish();
  }

  private send(asked: Request): Promise<Reply> {
    const { transport } = this.parts;
    if (asked.kind === 'change') return transport.change(asked.body);
    return asked.kind === 'since' ? transport.since(asked.revision) : transport.load();
  }

  /** Takes a reply into the state; false: stop for now. */
  private take(reply: Reply): boolean {
    if (reply.kind === 'later') {
      this.trouble = { kind: 'offline', edits: 0 };
      const wait = reply.afterMs ?? RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
      ++this.failures;
      clearTimeout(this.saveTimer);
      this.saveTimer = setTimeout(() => void this.pump(), wait);
      return false;
    }
    this.failures = 0;
    if (reply.kind === 'signedOut' || reply.kind === 'missing') {
      this.trouble = { kind: reply.kind };
      return false;
    }
    this.trouble = null;
    switch (reply.kind) {
      case 'accepted':
        this.state = onAccepted(this.state, reply);
        this.parts.announce?.(reply.revision);
        if (isSaved(this.state)) this.savedAt = this.now();
        break;
      case 'conflict':
        this.state = onConflict(this.state, reply.revision);
        break;
      case 'delta':
        this.state = onDelta(this.state, reply.delta);
        break;
      case 'document':
        this.state = onLoaded(this.state, reply.wire);
        break;
      case 'gone':
        this.state = onGone(this.state);
        break;
      case 'refused':
        this.state = this.state.underway
          ? onRefused(this.state, { status: reply.status, message: reply.message })
          : { ...this.state, pull: 'no', refused: { status: reply.status, message: reply.message } };
        return false;
    }
    return true;
  }

  /** After a refusal: tries again as it is. */
  retry(): void {
    this.state = { ...this.state, refused: null };
    this.trouble = null;
    void this.pump();
  }

  get saved(): boolean {
    return isSaved(this.state);
  }

  async close(): Promise<void> {
    clearTimeout(this.saveTimer);
    if (!isSaved(this.state) && !this.trouble) void this.pump();
    await this.storeNow();
    this.closed = true;
    clearTimeout(this.saveTimer);
    clearTimeout(this.storeTimer);
  }
}

/** How a document is opened; `free` says which scopes no living tab holds. */
export interface Opened {
  readonly session: EditorSession;
  /** Unsaved work of tabs that are gone, to be brought to the server as well. */
  readonly others: readonly ScopeInfo[];
}

/** Scopes without unsaved edits that are kept for reading offline. */
export const OFFLINE_SCOPES = 10;

/** Which of the kept scopes to go on with, which to save, which to forget. */
export function planScopes(
  all: readonly ScopeInfo[],
  job: string,
  own: string | null,
  free: (id: string) => boolean,
): {
  readonly adopt: ScopeInfo | null;
  readonly rescue: readonly ScopeInfo[];
  readonly forget: readonly ScopeInfo[];
} {
  const usable = all.filter((scope) => free(scope.id));
  const here = usable.filter((scope) => scope.job === job);
  const rank = (scope: ScopeInfo): number =>
    (scope.id === own ? 4 : 0) + (scope.pending ? 2 : 0) + (scope.complete ? 1 : 0);
  const [adopt = null, ...rest] = [...here].sort((a, b) => rank(b) - rank(a) || b.time - a.time);
  const quiet = usable.filter((scope) => scope !== adopt && !scope.pending).sort((a, b) => b.time - a.time);
  const forget = quiet.filter((scope, index) => scope.job === job || index >= OFFLINE_SCOPES);
  return { adopt, rescue: rest.filter((scope) => scope.pending), forget };
}

/** The base of a kept scope that has only the turns with edits, on the server's document of now. */
export function completed(kept: Kept, wire: WireDoc): Kept {
  if (kept.complete) return kept;
  const now = docFromWire(wire);
  const deleted = [...kept.base.turns.keys()].filter((id) => !kept.local.turns.has(id));
  return {
    ...kept,
    base: patchDoc(now, { putTurns: kept.base.turns.values(), revision: kept.base.revision }),
    local: patchDoc(
      { ...now, speakers: kept.local.speakers },
      { putTurns: kept.local.turns.values(), deleteTurns: deleted, revision: kept.base.revision },
    ),
  };
}
