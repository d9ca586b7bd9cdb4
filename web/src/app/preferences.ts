// Appearance, language and the options of new transcriptions: the server's copy holds on every
// device, this browser's is there before the first paint.
import { useEffect } from 'react';
import { changePreferences, type Preferences, readPreferences } from '../api/preferences';
import { getLocale, type Locale, setLocale } from '../i18n/locale';
import { say } from '../i18n/messages';
import { getDefaults, type JobOptions, optionsFrom, preferencesFrom, setDefaults } from '../uploads/options';
import { toast } from '../ui/Toast';
import { appText } from './text';
import { setDefaultFormat } from './defaultFormat';
import { setTheme, type Theme } from './theme';

let changes = 0;

function keep(part: Partial<Preferences>) {
  changes += 1;
  changePreferences(part).catch(() => toast(say(appText, 'keptHereOnly'), { tone: 'danger' }));
}

export function chooseTheme(theme: Theme) {
  setTheme(theme);
  keep({ theme });
}

export function chooseLocale(locale: Locale) {
  setLocale(locale);
  if (locale !== 'pseudo') keep({ language: locale });
}

/** '' is none: downloads begin with what was used last. */
export function chooseDefaultFormat(format: string) {
  setDefaultFormat(format);
  keep({ default_format: format || undefined });
}

/** What new transcriptions begin with. */
export function chooseDefaults(change: Partial<JobOptions>) {
  setDefaults(change);
  keep(preferencesFrom(getDefaults()));
}

function take(preferences: Preferences) {
  const { theme, language, default_format } = preferences;
  if (default_format !== undefined) setDefaultFormat(default_format);
  if (theme) setTheme(theme);
  // The test language is nobody's choice.
  if ((language === 'en' || language === 'de') && getLocale() !== 'pseudo') setLocale(language);
  const options = optionsFrom(preferences);
  if (options) setDefaults(options);
}

/** Once for each person who comes in. What is changed before the answer is the later choice. */
export function useStoredPreferences(person: string | null) {
  useEffect(() => {
    if (person === null) return;
    const before = changes;
    readPreferences().then(
      (preferences) => {
        if (changes === before) take(preferences);
      },
      () => undefined, // Without the server the copy of this browser holds.
    );
  }, [person]);
}
