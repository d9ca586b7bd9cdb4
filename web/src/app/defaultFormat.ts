// The format that downloads begin with: kept by the server for all of a person's browsers, and by
// this one until it answers.
import { useSyncExternalStore } from 'react';

const KEPT = 'wt.format';
const listeners = new Set<() => void>();

/** '' is none: what was used last. */
export function getDefaultFormat(): string {
  try {
    const kept = localStorage.getItem(KEPT) ?? '';
    return /^[a-z]{2,8}$/.test(kept) ? kept : '';
  } catch {
    return '';
  }
}

export function setDefaultFormat(format: string): void {
  try {
    if (format === '') localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, format);
  } catch {
    // The server's copy then comes with each visit.
  }
  for (const listener of [...listeners]) listener();
}

export function useDefaultFormat(): string {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, getDefaultFormat);
}
