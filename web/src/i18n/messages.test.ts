// Goal: every text exists in every language with the same placeholders.
import { describe, expect, it } from 'vitest';
import { formatAgo, formatBytes, formatClock, formatLength } from './format';
import { defineMessages, loadedCatalogues, type Message, translate } from './messages';

// Loads every catalogue of the app.
import.meta.glob('../**/text.ts', { eager: true });

function placeholders(message: Message): string {
  const text = typeof message === 'string' ? message : `${message.one} ${message.other}`;
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(' ');
}

describe('catalogues', () => {
  it('have the same keys and placeholders in each language', () => {
    expect(loadedCatalogues().length).toBeGreaterThan(1);
    for (const { en, de } of loadedCatalogues()) {
      expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
      for (const key of Object.keys(en)) {
        const [english, german] = [en[key], de[key]];
        if (english === undefined || german === undefined) throw new Error(key);
        expect(`${key}: ${placeholders(german)}`).toBe(`${key}: ${placeholders(english)}`);
        expect(typeof german, key).toBe(typeof english);
        expect(JSON.stringify(german), key).not.toMatch(/coming soon|lorem|todo/i);
      }
    }
  });
});

describe('translate', () => {
  const text = defineMessages({
    en: { files: { one: '{count} file', other: '{count} files' }, hello: 'Hello {name}' },
    de: { files: { one: '{count} Datei', other: '{count} Dateien' }, hello: 'Hallo {name}' },
  });
  it('fills placeholders and chooses the plural', () => {
    expect(translate(text, 'en', 'files', { count: 1 })).toBe('1 file');
    expect(translate(text, 'en', 'files', { count: 1234 })).toBe('1,234 files');
    expect(translate(text, 'de', 'files', { count: 2 })).toBe('2 Dateien');
    expect(translate(text, 'de', 'hello', { name: '{name}' })).toBe('Hallo {name}');
  });
  it('marks the pseudo-locale as right-to-left and leaves values alone', () => {
    expect(translate(text, 'pseudo', 'hello', { name: 'Ida' })).toBe('\u200f[Hélló Ida]');
  });
});

describe('formats', () => {
  it('writes clocks and sizes', () => {
    expect(formatClock(7.9)).toBe('0:07');
    expect(formatClock(3723)).toBe('1:02:03');
    expect(formatBytes(1_536_000)).toMatch(/1\.5\sMB/);
    expect([formatBytes(999), formatBytes(1_000)]).toEqual(['999 bytes', '1 kB']);
  });
  it('writes lengths in units that people use', () => {
    expect([45, 90, 3_599, 3_600, 4_800].map(formatLength)).toEqual(['45 sec', '2 min', '1 hr', '1 hr', '1 hr 20 min']);
  });
  it('says how long ago in the largest unit that fits', () => {
    const ago = (seconds: number) => formatAgo(Date.now() - seconds * 1_000 - 10);
    expect([5, 61, 3_599, 3_600, 90_000, 700_000].map(ago)).toEqual(['5 seconds ago', '1 minute ago', '59 minutes ago', '1 hour ago', 'yesterday', 'last week']);
  });
});
