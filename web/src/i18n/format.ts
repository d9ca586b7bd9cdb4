// Numbers, sizes, times and dates as the reader's language writes them.
import { getLocale, intlLocale } from './locale';

const cache = new Map<string, unknown>();

function cached<T>(kind: string, make: (locale: string) => T): T {
  const key = `${kind}|${intlLocale()}`;
  let value = cache.get(key) as T | undefined;
  if (value === undefined) {
    value = make(intlLocale());
    cache.set(key, value);
  }
  return value;
}

export function formatNumber(value: number, digits = 0): string {
  return cached(`n${digits}`, (locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits })).format(value);
}

/** 1536 -> "1.5 KB". Powers of 1,000, as file managers show. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 10 && unit > 0 ? 1 : 0;
  return cached(
    `b${unit}${digits}`,
    (locale) =>
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: units[unit],
        unitDisplay: unit === 0 ? 'long' : 'short',
        maximumFractionDigits: digits,
      }),
  ).format(value);
}

/** Seconds as a clock: 0:07, 12:30, 1:02:03. The same in every language. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** A length for people: "45 sec", "12 min", "1 hr 5 min". */
export function formatLength(seconds: number): string {
  const unit = (value: number, name: string) =>
    cached(`u${name}`, (locale) => new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 })).format(value);
  const rounded = Math.round(seconds);
  if (rounded < 60) return unit(rounded, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  const rest = minutes % 60;
  const hours = unit(Math.floor(minutes / 60), 'hour');
  return rest === 0 ? hours : `${hours} ${unit(rest, 'minute')}`;
}

export function formatDate(time: string | number | Date): string {
  return cached('d', (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'long' })).format(new Date(time));
}
export function formatTime(time: string | number | Date): string {
  return cached('t', (locale) => new Intl.DateTimeFormat(locale, { timeStyle: 'short' })).format(new Date(time));
}
export function formatDateTime(time: string | number | Date): string {
  return cached('dt', (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })).format(new Date(time));
}

/** With seconds: lines of a log. */
export function formatTimeOfDay(time: string | number | Date): string {
  return cached('ts', (locale) => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' })).format(new Date(time));
}

/** "3 minutes ago"; short: "3 min. ago". */
export function formatAgo(time: string | number | Date, now = Date.now(), style: 'long' | 'short' = 'long'): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const format = cached(`r${style}`, (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style }));
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_557_600],
    ['month', 2_629_800],
    ['week', 604_800],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(Math.trunc(seconds), 'second');
}

/** "de" -> "German", in the reader's language. The code itself where Intl knows no name. */
export function languageName(code: string): string {
  try {
    const name = cached('l', (locale) => new Intl.DisplayNames([locale], { type: 'language' })).of(code);
    return name ? name.charAt(0).toLocaleUpperCase(getLocale()) + name.slice(1) : code;
  } catch {
    return code;
  }
}
