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
  /** '' is all of them, mixed; else the channel to hear, counted from 0. */
  channel: '' | '0' | '1';
  /** The language is detected anew as it changes. */
  multilingual: boolean;
  /** Silence and noise are transcribed too: what is spoken very softly is not left out. */
  everything: boolean;
  /** Who speaks is found out, where the server can. */
  speakers: boolean;
  /** '' is found out as well. */
  speakerCount: string;
  /** What this recording is about. */
  prompt: string;
  /** Words that the person's recordings often have. */
  vocabulary: string[];
}

export const plainOptions: JobOptions = { model: '', language: '', task: 'transcribe', wordTimes: true, channel: '', multilingual: false, everything: false, speakers: false, speakerCount: '', prompt: '', vocabulary: [] };
/** As the server has them (Preferences in the OpenAPI document). */
export const termsMax = 1_000;
export const termCharactersMax = 100;
const storageKey = 'wt.options';

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const terms = (value: unknown) => (Array.isArray(value) ? value.filter((term): term is string => typeof term === 'string') : []);

const channelOf = (value: unknown) => (value === '0' || value === '1' ? value : '');
/** As many as the server tells apart. */
export const speakersMax = 32;
/** '' unless it is a number of people who can speak with each other. */
export function countOf(value: unknown): string {
  const count = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : 0;
  return count >= 1 && count <= speakersMax ? String(count) : '';
}

function read(): JobOptions {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<JobOptions>;
    return {
      model: text(stored.model),
      language: text(stored.language),
      task: stored.task === 'translate' ? 'translate' : 'transcribe',
      wordTimes: stored.wordTimes !== false,
      channel: channelOf(stored.channel),
      multilingual: stored.multilingual === true,
      everything: stored.everything === true,
      speakers: stored.speakers === true,
      speakerCount: countOf(stored.speakerCount),
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
    channel: channelOf(more.channel),
    multilingual: more.multilingual === true,
    everything: more.vad_filter === false,
    speakers: more.diarize === true,
    speakerCount: countOf(more.num_speakers),
    prompt: text(more.initial_prompt),
    vocabulary: terms(vocabulary),
  };
}

export function preferencesFrom(options: JobOptions): Partial<Preferences> {
  return {
    default_model: options.model,
    default_language: options.language,
    default_options: {
      task: options.task,
      word_timestamps: options.wordTimes,
      channel: options.channel,
      multilingual: options.multilingual,
      vad_filter: !options.everything,
      diarize: options.speakers,
      num_speakers: options.speakerCount,
      initial_prompt: options.prompt,
    },
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
  if (options.channel) fields.channel = options.channel;
  if (options.multilingual && !options.language) fields.multilingual = 'true';
  if (options.everything) fields.vad_filter = 'false';
  if (options.speakers) fields.diarize = 'true';
  if (options.speakers && options.speakerCount) fields.num_speakers = options.speakerCount;
  if (options.prompt.trim()) fields.initial_prompt = options.prompt.trim();
  if (options.vocabulary.length > 0) fields.hotwords = options.vocabulary.join(', ');
  return fields;
}
