// Texts of the page. Each area has one catalogue with all its languages:
//
//   const text = defineMessages({ en: { hello: 'Hello {name}' }, de: { hello: 'Hallo {name}' } });
//   const t = useMessages(text);
//   t('hello', { name: 'Ada' });                       // {name} is replaced
//   files: { one: '{count} file', other: '{count} files' }   // chosen by `count`
//
// The compiler sees that every language has every key; messages.test.ts that the placeholders match.
import { getLocale, intlLocale, type Locale, useLocale } from './locale';

export type Message = string | { one: string; other: string };
export type Texts = Record<string, Message>;
export type Values = Record<string, string | number>;

export interface Catalogue<T extends Texts> {
  en: T;
  de: Record<keyof T, Message>;
}
export type Translate<T extends Texts> = (key: keyof T & string, values?: Values) => string;

const all: Catalogue<Texts>[] = [];

export function defineMessages<T extends Texts>(catalogue: {
  en: T;
  de: { [K in keyof T]: Message };
}): Catalogue<T> {
  all.push(catalogue as unknown as Catalogue<Texts>);
  return catalogue;
}

/** For tests: every catalogue that has been loaded. */
export function loadedCatalogues(): readonly Catalogue<Texts>[] {
  return all;
}

function fill(text: string, values: Values, locale: string): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

// Right-to-left mark, accented vowels and brackets: untranslated and cut text shows at once.
function pseudo(text: string): string {
  const accented: Record<string, string> = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú' };
  return `\u200f[${text.replace(/\{\w+\}|[aeiou]/g, (part) => accented[part] ?? part)}]`;
}

export function translate<T extends Texts>(
  catalogue: Catalogue<T>,
  locale: Locale,
  key: keyof T & string,
  values: Values = {},
): string {
  const texts: Record<string, Message> = locale === 'de' ? catalogue.de : catalogue.en;
  const message = texts[key] ?? catalogue.en[key];
  if (message === undefined) return key;
  let text: string;
  if (typeof message === 'string') {
    text = message;
  } else {
    const count = typeof values.count === 'number' ? values.count : 0;
    const rule = new Intl.PluralRules(locale === 'pseudo' ? 'en' : locale).select(count);
    text = rule === 'one' ? message.one : message.other;
  }
  return fill(locale === 'pseudo' ? pseudo(text) : text, values, intlLocale());
}

export function useMessages<T extends Texts>(catalogue: Catalogue<T>): Translate<T> {
  const locale = useLocale();
  return (key, values) => translate(catalogue, locale, key, values);
}

/** Outside of components. */
export function say<T extends Texts>(
  catalogue: Catalogue<T>,
  key: keyof T & string,
  values?: Values,
): string {
  return translate(catalogue, getLocale(), key, values);
}
