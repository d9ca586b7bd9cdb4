// Which keys do what. Chords are written "Ctrl+Shift+Z" with modifiers in this order; on a Mac
// Ctrl also means Command. Foot pedals present as keys, so they can be bound like any other.

export type Action =
  | 'playPause'
  | 'back'
  | 'forward'
  | 'slower'
  | 'faster'
  | 'doubtPrevious'
  | 'doubtNext'
  | 'accept'
  | 'fixEverywhere'
  | 'insertTime'
  | 'jumpToTime'
  | 'find'
  | 'replace'
  | 'findInLibrary'
  | 'toPlayhead'
  | 'loop'
  | 'setIn'
  | 'setOut'
  | 'export'
  | 'undo'
  | 'redo'
  | 'help';

/** `text`: also while typing. `page`: only while not typing, so plain letters can be used. */
export interface Bindings {
  readonly text: readonly string[];
  readonly page: readonly string[];
}
export type Keymap = Readonly<Record<Action, Bindings>>;

const keys = (text: string, page = ''): Bindings => ({
  text: text.split(' ').filter(Boolean),
  page: page.split(' ').filter(Boolean),
});

export const DEFAULT_KEYS: Keymap = {
  playPause: keys('Ctrl+Space', 'Space K'),
  back: keys('F1', 'J ArrowLeft'),
  forward: keys('F2', 'L ArrowRight'),
  slower: keys('F3', '<'),
  faster: keys('F4', '>'),
  doubtPrevious: keys('Alt+ArrowUp'),
  doubtNext: keys('Alt+ArrowDown'),
  accept: keys('Alt+Enter'),
  fixEverywhere: keys('Ctrl+Enter'),
  insertTime: keys('Ctrl+J'),
  jumpToTime: keys('Ctrl+K'),
  find: keys('Ctrl+F'),
  replace: keys('Ctrl+H'),
  findInLibrary: keys('Ctrl+Shift+F'),
  toPlayhead: keys('Ctrl+G'),
  loop: keys('', 'Shift+L'),
  setIn: keys('', 'I'),
  setOut: keys('', 'O'),
  export: keys('Ctrl+S'),
  undo: keys('Ctrl+Z'),
  redo: keys('Ctrl+Shift+Z Ctrl+Y'),
  help: keys('', '?'),
};

export const ACTIONS = Object.keys(DEFAULT_KEYS) as readonly Action[];

export type Profile = 'default' | 'otranscribe' | 'noscribe' | 'transcribee';

/** What the profiles change; habits of people who come from those programs. */
export const PROFILES: Readonly<Record<Profile, Partial<Keymap>>> = {
  default: {},
  otranscribe: { playPause: keys('Escape Ctrl+Space', 'Space K') },
  noscribe: { playPause: keys('Ctrl+Space Escape', 'Space K') },
  transcribee: {
    playPause: keys('Tab Ctrl+Space', 'Space K'),
    back: keys('Tab+Tab F1', 'J ArrowLeft'),
    forward: keys('Shift+Tab+Tab F2', 'L ArrowRight'),
  },
};

export function keymapOf(profile: Profile, own: Partial<Keymap> = {}): Keymap {
  return { ...DEFAULT_KEYS, ...PROFILES[profile], ...own };
}

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** "Ctrl+Shift+Z"; '' for a modifier alone. */
export function chordOf(event: KeyPress): string {
  let key = event.key;
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Unidentified', 'Process'].includes(key)) return '';
  // With Alt, some layouts make another letter: take the key itself there.
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (event.altKey && digit) key = digit[1] as string;
  if (key === ' ') key = 'Space';
  const letter = key.length === 1;
  if (letter) key = key.toUpperCase();
  // Shift is already in '<', '>' and '?'.
  const shift = event.shiftKey && (!letter || /^[\p{L}\p{N}]$/u.test(key));
  const parts = [(event.ctrlKey || event.metaKey) && 'Ctrl', event.altKey && 'Alt', shift && 'Shift', key];
  return parts.filter(Boolean).join('+');
}

export interface Pressed {
  readonly chord: string;
  readonly time: number;
}

/** Two presses of one key within this are a double press. */
export const DOUBLE_MS = 350;

/** What a key does now. `last` is the key before it, for double presses ("Tab+Tab"). */
export function actionOf(
  map: Keymap,
  event: KeyPress,
  typing: boolean,
  now: number,
  last: Pressed | null,
): Action | null {
  const chord = chordOf(event);
  if (chord === '') return null;
  const twice = last !== null && last.chord === chord && now - last.time <= DOUBLE_MS;
  const name = chord.split('+').at(-1) as string;
  const chords = twice ? [`${chord}+${name}`, chord] : [chord];
  for (const wanted of chords) {
    for (const action of ACTIONS) {
      const { text, page } = map[action];
      if (text.includes(wanted) || (!typing && page.includes(wanted))) return action;
    }
  }
  return null;
}

/** Alt+1 … Alt+9: the index of a speaker; -1 for other keys. */
export function speakerKey(event: KeyPress): number {
  const found = /^Alt\+([1-9])$/.exec(chordOf(event));
  return found ? Number(found[1]) - 1 : -1;
}

/** Reads a kept or imported key map; what is not one of ours is left out. */
export function readKeys(value: unknown): { profile: Profile; own: Partial<Keymap> } {
  const record = (value ?? {}) as { profile?: unknown; own?: unknown };
  const profile = Object.keys(PROFILES).includes(String(record.profile)) ? (record.profile as Profile) : 'default';
  const own: Partial<Record<Action, Bindings>> = {};
  const list = (part: unknown): string[] =>
    Array.isArray(part)
      ? part.filter((chord): chord is string => typeof chord === 'string' && chord.length <= 40).slice(0, 8)
      : [];
  if (record.own && typeof record.own === 'object') {
    for (const action of ACTIONS) {
      const bindings = (record.own as Record<string, { text?: unknown; page?: unknown } | undefined>)[action];
      if (bindings && typeof bindings === 'object')
        own[action] = { text: list(bindings.text), page: list(bindings.page) };
    }
  }
  return { profile, own };
}

/** As the server keeps it: a flat object of short texts. Chords hold no spaces. */
export function flatKeys(settings: { readonly profile: Profile; readonly own: Partial<Keymap> }): Record<string, string> {
  const flat: Record<string, string> = { profile: settings.profile };
  for (const [action, bindings] of Object.entries(settings.own)) {
    flat[`${action}.text`] = bindings.text.join(' ');
    flat[`${action}.page`] = bindings.page.join(' ');
  }
  return flat;
}

export function readFlatKeys(flat: Readonly<Record<string, unknown>>): { profile: Profile; own: Partial<Keymap> } {
  const own: Record<string, { text: string[]; page: string[] }> = {};
  for (const action of ACTIONS) {
    const side = (name: string): string[] | null => {
      const value = flat[`${action}.${name}`];
      return typeof value === 'string' ? value.split(' ').filter(Boolean) : null;
    };
    const text = side('text');
    const page = side('page');
    if (text && page) own[action] = { text, page };
  }
  return readKeys({ profile: flat.profile, own });
}

/** The other action that has this chord already. */
export function clashOf(map: Keymap, action: Action, chord: string): Action | null {
  return ACTIONS.find((other) => other !== action && [...map[other].text, ...map[other].page].includes(chord)) ?? null;
}
