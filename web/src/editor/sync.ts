// Bringing local edits to the server and others' edits here, as a state machine without effects:
// request(state) says what to ask next, the on…() functions take the answer. The session
// (session.ts) owns timers and the network; tests drive it with lost and repeated answers.
//
// Invariants:
//  1. What is not yet on the server is exactly the difference of `local` and `base`.
//  2. While a change is under way nothing is merged: its answer is asked for again, under the same
//     id, until there is one. Otherwise one's own words would come back as somebody else's.
//  3. `base.revision` only moves to a revision of which everything is in `base`.

import { mergeDocs, type Conflict } from './merge';
import {
  docFromWire,
  LIMITS,
  patchDoc,
  sameSpeaker,
  sameTurn,
  type Doc,
  type Speaker,
  type Turn,
  type WireDoc,
} from './model';

export type WireTurn = Omit<Turn, 'rev'>;
export type WireSpeaker = Omit<Speaker, 'rev'>;

export type Change =
  | { readonly op: 'put_turn'; readonly if_rev: number; readonly turn: WireTurn }
  | { readonly op: 'delete_turn'; readonly if_rev: number; readonly id: string }
  | { readonly op: 'put_speaker'; readonly if_rev: number; readonly speaker: WireSpeaker }
  | { readonly op: 'delete_speaker'; readonly if_rev: number; readonly id: string };

export interface ChangeSet {
  readonly change_id: string;
  readonly changes: readonly Change[];
}

export interface Delta {
  readonly revision: number;
  readonly turns: readonly Turn[];
  readonly speakers: readonly Speaker[];
  readonly deleted_turns: readonly string[];
  readonly deleted_speakers: readonly string[];
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

export interface SyncState {
  /** The server's document as far as it is known here. */
  readonly base: Doc;
  readonly local: Doc;
  readonly underway: ChangeSet | null;
  /** A change that was answered with 409: parts of it may be on the server all the same. */
  readonly doubted: readonly Change[];
  /** The newest revision heard of. */
  readonly known: number;
  readonly pull: 'no' | 'since' | 'load';
  /** Conflicts in a row without anything new from the server. */
  readonly stuck: number;
  readonly refused: Refusal | null;
  readonly conflicts: readonly Conflict[];
}

export type Request =
  | { readonly kind: 'change'; readonly body: ChangeSet }
  | { readonly kind: 'since'; readonly revision: number }
  | { readonly kind: 'load' };

export function startSync(base: Doc, local: Doc = base, underway: ChangeSet | null = null): SyncState {
  return {
    base,
    local,
    underway,
    doubted: [],
    known: base.revision,
    pull: 'no',
    stuck: 0,
    refused: null,
    conflicts: [],
  };
}

export function edited(state: SyncState, local: Doc): SyncState {
  return local === state.local ? state : { ...state, local, refused: null };
}

/** The server (or another tab) said that there is a revision. */
export function heardOf(state: SyncState, revision: number): SyncState {
  return revision > state.known ? { ...state, known: revision } : state;
}

export function pendingChanges(state: SyncState): Change[] {
  const { base, local } = state;
  const changes: Change[] = [];
  if (base.speakers !== local.speakers) {
    for (const [id, speaker] of local.speakers) {
      const known = base.speakers.get(id);
      if (known && sameSpeaker(known, speaker)) continue;
      const { rev: _, ...wire } = speaker;
      changes.push({ op: 'put_speaker', if_rev: known?.rev ?? 0, speaker: wire });
    }
  }
  if (base.turns !== local.turns) {
    for (const id of local.order) {
      const turn = local.turns.get(id) as Turn;
      const known = base.turns.get(id);
      if (known && sameTurn(known, turn)) continue;
      const { rev: _, ...wire } = turn;
      changes.push({ op: 'put_turn', if_rev: known?.rev ?? 0, turn: wire });
    }
    for (const [id, known] of base.turns) {
      if (!local.turns.has(id)) changes.push({ op: 'delete_turn', if_rev: known.rev, id });
    }
  }
  for (const [id, known] of base.speakers) {
    if (!local.speakers.has(id)) changes.push({ op: 'delete_speaker', if_rev: known.rev, id });
  }
  return changes;
}

export function isSaved(state: SyncState): boolean {
  return state.underway === null && pendingChanges(state).length === 0;
}

/** As many as one call takes; neighbours stay together, so that others see no half-made join. */
function firstCall(changes: readonly Change[]): Change[] {
  let words = 0;
  const call: Change[] = [];
  for (const change of changes) {
    words += change.op === 'put_turn' ? change.turn.words.length : 0;
    if (call.length === LIMITS.changesPerCall || (words > LIMITS.wordsPerCall && call.length > 0)) break;
    call.push(change);
  }
  return call;
}

/** What to ask the server now; null: nothing. `id` names a new change if one begins. */
export function request(state: SyncState, id: () => string): { state: SyncState; request: Request | null } {
  if (state.underway) return { state, request: { kind: 'change', body: state.underway } };
  if (state.pull === 'load') return { state, request: { kind: 'load' } };
  if (state.pull === 'since' || state.known > state.base.revision) {
    return { state, request: { kind: 'since', revision: state.base.revision } };
  }
  if (state.refused) return { state, request: null };
  const changes = firstCall(pendingChanges(state));
  if (changes.length === 0) return { state, request: null };
  const underway = { change_id: id(), changes };
  return { state: { ...state, underway }, request: { kind: 'change', body: underway } };
}

function acknowledge(base: Doc, changes: readonly Change[], rev: (id: string) => number): Doc {
  return patchDoc(base, {
    putTurns: changes.flatMap((c) => (c.op === 'put_turn' ? [{ ...c.turn, rev: rev(c.turn.id) }] : [])),
    deleteTurns: changes.flatMap((c) => (c.op === 'delete_turn' ? [c.id] : [])),
    putSpeakers: changes.flatMap((c) => (c.op === 'put_speaker' ? [{ ...c.speaker, rev: rev(c.speaker.id) }] : [])),
    deleteSpeakers: changes.flatMap((c) => (c.op === 'delete_speaker' ? [c.id] : [])),
  });
}

/** Lets `local` share what is equal in `base`, so that later comparisons are by reference. */
function shareWith(local: Doc, base: Doc, ids: readonly string[]): Doc {
  const put = ids.flatMap((id) => {
    const mine = local.turns.get(id);
    const theirs = base.turns.get(id);
    return mine && theirs && mine !== theirs && sameTurn(mine, theirs) ? [theirs] : [];
  });
  return put.length > 0 ? patchDoc(local, { putTurns: put }) : local;
}

export function onAccepted(
  state: SyncState,
  answer: { readonly revision: number; readonly revs: Readonly<Record<string, number>> },
): SyncState {
  const { underway } = state;
  if (!underway) return state;
  const acked = acknowledge(state.base, underway.changes, (id) => answer.revs[id] ?? answer.revision);
  const next = answer.revision === state.base.revision + 1;
  const base = next ? { ...acked, revision: answer.revision } : acked;
  const ids = underway.changes.flatMap((c) => (c.op === 'put_turn' ? [c.turn.id] : []));
  return {
    ...state,
    base,
    local: { ...shareWith(state.local, base, ids), revision: base.revision },
    underway: null,
    doubted: [],
    known: Math.max(state.known, answer.revision),
    stuck: 0,
  };
}

/** 409: nothing was applied; the current state is fetched and merged. */
export function onConflict(state: SyncState, revision: number): SyncState {
  if (!state.underway) return state;
  const stuck = state.stuck + 1;
  return {
    ...state,
    underway: null,
    doubted: state.underway.changes,
    known: Math.max(state.known, revision),
    // Twice in a row with nothing new to fetch: what is known of the server is wrong. Read it all.
    pull: stuck > 2 ? 'load' : 'since',
    stuck,
  };
}

/** The server will never take this change (400, 413): kept here, shown, tried after the next edit. */
export function onRefused(state: SyncState, refusal: Refusal): SyncState {
  return { ...state, underway: null, refused: refusal };
}

/** 410: too far behind for a difference. */
export function onGone(state: SyncState): SyncState {
  return { ...state, pull: 'load' };
}

export function onDelta(state: SyncState, delta: Delta): SyncState {
  // The server's document was made anew (the job ran again): its numbers mean nothing here.
  if (delta.revision < state.base.revision) return { ...state, pull: 'load' };
  const known = (turn: Turn): Turn => {
    const old = state.base.turns.get(turn.id);
    return old && old.rev === turn.rev && sameTurn(old, turn) ? old : turn;
  };
  const theirs = patchDoc(state.base, {
    deleteTurns: delta.deleted_turns,
    putTurns: delta.turns.map(known),
    deleteSpeakers: delta.deleted_speakers,
    putSpeakers: delta.speakers,
    revision: delta.revision,
  });
  return adopt(state, theirs);
}

export function onLoaded(state: SyncState, wire: WireDoc): SyncState {
  const loaded = docFromWire(wire);
  const turns = new Map<string, Turn>();
  for (const [id, turn] of loaded.turns) {
    const old = state.base.turns.get(id);
    turns.set(id, old && old.rev === turn.rev && sameTurn(old, turn) ? old : turn);
  }
  return { ...adopt(state, { ...loaded, turns }), stuck: 0 };
}

/** Items of a doubted change that are on the server exactly so are one's own, not a conflict. */
function ownOf(state: SyncState, theirs: Doc): Doc {
  const own = state.doubted.filter((change) => {
    switch (change.op) {
      case 'put_turn': {
        const now = theirs.turns.get(change.turn.id);
        return now !== undefined && sameTurn(now, { ...change.turn, rev: 0 });
      }
      case 'put_speaker': {
        const now = theirs.speakers.get(change.speaker.id);
        return now !== undefined && sameSpeaker(now, { ...change.speaker, rev: 0 });
      }
      case 'delete_turn':
        return !theirs.turns.has(change.id);
      case 'delete_speaker':
        return !theirs.speakers.has(change.id);
    }
  });
  return own.length > 0 ? acknowledge(state.base, own, () => 0) : state.base;
}

function adopt(state: SyncState, theirs: Doc): SyncState {
  const changed = [...theirs.turns].filter(([id, turn]) => state.base.turns.get(id) !== turn);
  const { doc, conflicts } = mergeDocs(ownOf(state, theirs), state.local, theirs);
  const local = shareWith(
    doc,
    theirs,
    changed.map(([id]) => id),
  );
  return {
    ...state,
    base: theirs,
    local: { ...local, revision: theirs.revision },
    doubted: [],
    known: state.pull === 'load' ? theirs.revision : Math.max(theirs.revision, state.known),
    pull: 'no',
    stuck: changed.length > 0 ? 0 : state.stuck,
    conflicts: [...state.conflicts, ...conflicts],
  };
}
