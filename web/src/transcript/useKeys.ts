// The keyboard: one listener for the page, by the person's own key map.
import { useEffect, useSyncExternalStore } from 'react';
import { changePreferences, type Preferences, readPreferences } from '../api/preferences';
import {
  type Action,
  actionOf,
  chordOf,
  flatKeys,
  readFlatKeys,
  type Keymap,
  keymapOf,
  type Pressed,
  type Profile,
  readKeys,
  speakerKey,
} from '../editor/keymap';

export interface KeySettings {
  readonly profile: Profile;
  readonly own: Partial<Keymap>;
}

const listeners = new Set<() => void>();
let settings: KeySettings = { profile: 'default', own: {} };
let owner = '';

const storageKey = (user: string): string => `wt.keys.${user}`;

function publish(next: KeySettings): void {
  settings = next;
  try {
    localStorage.setItem(storageKey(owner), JSON.stringify(next));
  } catch {
    // The keys then come from the server with each visit.
  }
  for (const listener of [...listeners]) listener();
}

/** Reads the keys of a person: at once those this browser knows, then those of the server. */
export function loadKeys(user: string): void {
  if (owner === user) return;
  owner = user;
  try {
    settings = readKeys(JSON.parse(localStorage.getItem(storageKey(user)) ?? '{}'));
  } catch {
    settings = { profile: 'default', own: {} };
  }
  const before = settings;
  readPreferences().then(
    ({ keymap }) => {
      const known = keymap !== null && typeof keymap === 'object' && Object.keys(keymap).length > 0;
      if (known && owner === user && settings === before) publish(readFlatKeys(keymap as Record<string, unknown>));
    },
    () => undefined, // Without the server the keys of this browser hold.
  );
}

/** Changes the keys here and on the server, for all of this person's browsers. */
export function setKeys(next: KeySettings): void {
  publish(next);
  changePreferences({ keymap: flatKeys(next) as Preferences['keymap'] }).catch(() => undefined);
}

export function useKeySettings(): KeySettings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => settings,
  );
}

/** Whether letters go into a field: plain letters are then no commands. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type=range], [type=checkbox]), textarea, select');
}

/** Space and Enter press a button that has the focus, arrows move in menus. */
function ownsKey(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role=menu], [role=listbox]')) return true;
  return (
    (chord === 'Space' || chord === 'Enter') &&
    target.matches('button, a, summary, [role=button], [role=switch], [role=tab]')
  );
}

function take(event: KeyboardEvent, act: () => void): void {
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

/** What fields have of their own. */
const FIELD_OWNS: ReadonlySet<Action> = new Set(['undo', 'redo', 'insertTime', 'accept', 'fixEverywhere']);

export function useKeys(run: (action: Action) => void, assign: (speaker: number) => void, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return undefined;
    let last: Pressed | null = null;
    const press = (event: KeyboardEvent): void => {
      if (event.isComposing) return;
      const chord = chordOf(event);
      if (chord === '' || ownsKey(event.target, chord)) return;
      const speaker = speakerKey(event);
      if (speaker >= 0) {
        take(event, () => assign(speaker));
        return;
      }
      const typing = isTyping(event.target);
      const map = keymapOf(settings.profile, settings.own);
      const action = actionOf(map, event, typing, event.timeStamp, last);
      last = { chord, time: event.timeStamp };
      // Undo in a search field is the field's own.
      const field = typing && !(event.target as HTMLElement).isContentEditable;
      if (action === null || (field && (FIELD_OWNS.has(action) || chord === 'Escape' || chord === 'Tab'))) return;
      take(event, () => run(action));
    };
    // Before everybody else: the paragraph's own Escape and Enter, and the keys of other pages.
    window.addEventListener('keydown', press, { capture: true });
    return () => window.removeEventListener('keydown', press, { capture: true });
  }, [run, assign, enabled]);
}
