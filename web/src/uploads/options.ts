// How recordings are to be transcribed: what the chips of the new-transcription page say. The last
// choice is remembered in this browser.
import { useSyncExternalStore } from 'react';

export interface JobOptions {
  /** '' is the server's default, the best model that is installed. */
  model: string;
  /** '' is detection. */
  language: string;
  task: 'transcribe' | 'translate';
  wordTimes: boolean;
  /** Names and terms that occur. */
  prompt: string;
}

export const defaultOptions: JobOptions = { model: '', language: '', task: 'transcribe', wordTimes: true, prompt: '' };
const storageKey = 'wt.options';

function read(): JobOptions {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<JobOptions>;
    return {
      model: typeof stored.model === 'string' ? stored.model : '',
      language: typeof stored.language === 'string' ? stored.language : '',
      task: stored.task === 'translate' ? 'translate' : 'transcribe',
      wordTimes: stored.wordTimes !== false,
      prompt: typeof stored.prompt === 'string' ? stored.prompt : '',
    };
  } catch {
    return defaultOptions;
  }
}

let current = read();
const listeners = new Set<() => void>();

export function setOptions(change: Partial<JobOptions>) {
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // Then it holds until the page is closed.
  }
  for (const listener of listeners) listener();
}

export function useOptions(): JobOptions {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

export function getOptions(): JobOptions {
  return current;
}

/** As the server's form has them (JobForm in the OpenAPI document); defaults are left to it. */
export function optionFields(options: JobOptions): Record<string, string> {
  const fields: Record<string, string> = {};
  if (options.model) fields.model = options.model;
  if (options.language) fields.language = options.language;
  if (options.task === 'translate') fields.task = 'translate';
  if (options.wordTimes) fields.word_timestamps = 'true';
  if (options.prompt.trim()) fields.initial_prompt = options.prompt.trim();
  return fields;
}
