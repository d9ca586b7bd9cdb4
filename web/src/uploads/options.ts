// How recordings are to be transcribed: what the chips of the new-transcription page say. It begins
// with the person's defaults, which the server keeps (app/preferences.ts) and this browser copies.
import { useSyncExternalStore } from 'react';
import type { Preferences } from '../api/preferences';

export interface JobOptions {
  /** '' is the server's default, the best model that is installed. */
  model: string;
  /** '' is detection. */
  language: string;
  task: 'transcribe' | 'translate';
  wordTimes: boolean;
  /** What this recording is about. */
  prompt: string;
  /** Words that the person's recordings often have. */
  vocabulary: string[];
}

export const plainOptions: JobOptions = { model: '', language: '', task: 'transcribe', wordTimes: true, prompt: '', vocabulary: [] };
/** As the server has them (Preferences in the OpenAPI document). */
export const termsMax = 1_000;
export const termCharactersMax = 100;
const storageKey = 'wt.options';

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const terms = (value: unknown) => (Array.isArray(value) ? value.filter((term): term is string => typeof term === 'string') : []);

function read(): JobOptions {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<JobOptions>;
    return {
      model: text(stored.model),
      language: text(stored.language),
      task: stored.task === 'translate' ? 'translate' : 'transcribe',
      wordTimes: stored.wordTimes !== false,
      prompt: text(stored.prompt),
      vocabulary: terms(stored.vocabulary),
    };
  } catch {
    return plainOptions;
  }
}

/** One term a line or between commas; none twice, none too long. */
export function splitTerms(typed: string): string[] {
  const all = typed
    .split(/[\n,;]+/)
    .map((term) => [...term.trim()].slice(0, termCharactersMax).join(''))
    .filter(Boolean);
  return [...new Set(all)].slice(0, termsMax);
}

/** Null: nothing was stored yet. */
export function optionsFrom(preferences: Preferences): JobOptions | null {
  const { default_model, default_language, default_options, vocabulary } = preferences;
  if (default_model === undefined && default_language === undefined && default_options === undefined && vocabulary === undefined) return null;
  const more = (default_options ?? {}) as Record<string, unknown>;
  return {
    model: text(default_model),
    language: text(default_language),
    task: more.task === 'translate' ? 'translate' : 'transcribe',
    wordTimes: more.word_timestamps !== false,
    prompt: text(more.initial_prompt),
    vocabulary: terms(vocabulary),
  };
}

export function preferencesFrom(options: JobOptions): Partial<Preferences> {
  return {
    default_model: options.model,
    default_language: options.language,
    default_options: { task: options.task, word_timestamps: options.wordTimes, initial_prompt: options.prompt },
    vocabulary: options.vocabulary,
  };
}

let defaults = read();
/** What differs for the recordings being added now. */
let own: Partial<JobOptions> = {};
let current = defaults;
const listeners = new Set<() => void>();

function publish() {
  current = { ...defaults, ...own };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setOptions(change: Partial<JobOptions>) {
  own = { ...own, ...change };
  publish();
}

/** Back to the person's defaults. */
export function resetOptions() {
  own = {};
  publish();
}

export function setDefaults(change: Partial<JobOptions>) {
  defaults = { ...defaults, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(defaults));
  } catch {
    // The server's copy then comes with each visit.
  }
  publish();
}

/** The next person here begins with nothing of this one's. */
export function forgetOptions() {
  own = {};
  defaults = plainOptions;
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // Nothing was kept either.
  }
  publish();
}

export function useOptions(): JobOptions {
  return useSyncExternalStore(subscribe, () => current);
}
export function useDefaults(): JobOptions {
  return useSyncExternalStore(subscribe, () => defaults);
}
export function getOptions(): JobOptions {
  return current;
}
export function getDefaults(): JobOptions {
  return defaults;
}

/** As the server's form has them (JobForm in the OpenAPI document); its defaults are left to it. */
export function optionFields(options: JobOptions): Record<string, string> {
  const fields: Record<string, string> = {};
  if (options.model) fields.model = options.model;
  if (options.language) fields.language = options.language;
  if (options.task === 'translate') fields.task = 'translate';
  if (options.wordTimes) fields.word_timestamps = 'true';
  if (options.prompt.trim()) fields.initial_prompt = options.prompt.trim();
  if (options.vocabulary.length > 0) fields.hotwords = options.vocabulary.join(', ');
  return fields;
}
