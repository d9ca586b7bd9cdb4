// The language of the page: which one is in use, and how it is changed. Kept in this browser.
import { useSyncExternalStore } from 'react';

export const locales = ['en', 'de'] as const;
/** `pseudo` is right-to-left and marks every translated text; for tests, not offered. */
export type Locale = (typeof locales)[number] | 'pseudo';

const storageKey = 'wt.locale';
const listeners = new Set<() => void>();

function readStored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function firstLocale(): Locale {
  const stored = readStored();
  if (stored === 'pseudo' || stored === 'en' || stored === 'de') return stored;
  const wanted = typeof navigator === 'undefined' ? [] : navigator.languages;
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    if (base === 'en' || base === 'de') return base;
  }
  return 'en';
}

let current: Locale = firstLocale();

function apply() {
  if (typeof document === 'undefined') return;
  document.documentElement.lang = current === 'pseudo' ? 'ar' : current;
  document.documentElement.dir = current === 'pseudo' ? 'rtl' : 'ltr';
}
apply();

export function getLocale(): Locale {
  return current;
}

/** What Intl is given: the region of the browser where it speaks our language. */
export function intlLocale(): string {
  if (current === 'pseudo') return 'en';
  const regional = typeof navigator === 'undefined' ? [] : navigator.languages;
  return regional.find((tag) => tag.toLowerCase().startsWith(current)) ?? current;
}

export function setLocale(locale: Locale) {
  current = locale;
  try {
    localStorage.setItem(storageKey, locale);
  } catch {
    // The choice then holds until the page is closed.
  }
  apply();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLocale(): Locale {
  return useSyncExternalStore(subscribe, getLocale);
}
