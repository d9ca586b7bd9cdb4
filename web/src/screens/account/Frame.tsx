// The frame of the pages before the app: sign in, register, first account, new password.
import { type ReactNode, useEffect } from 'react';
import { useMessages } from '../../i18n/messages';
import { locales, setLocale, useLocale } from '../../i18n/locale';
import { Icon, type IconName, Mark } from '../../ui/Icon';
import { appText } from '../../app/text';
import { accountText } from './text';

export function Frame({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const t = useMessages(accountText);
  const ta = useMessages(appText);
  const locale = useLocale();
  useEffect(() => {
    document.title = `${title} · Whisper Transcriber`;
  }, [title]);
  const names: Record<string, string> = { en: 'English', de: 'Deutsch' };
  const points: [IconName, string, string][] = [
    ['wave', t('landingText'), t('landingTextMore')],
    ['user', t('landingSpeakers'), t('landingSpeakersMore')],
    ['download', t('landingFormats'), t('landingFormatsMore')],
  ];
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      {/* What this is, for those who come for the first time; on phones the form comes first and alone. */}
      <aside className="hidden flex-col justify-center gap-10 border-e border-line bg-accent-wash px-12 py-16 lg:flex xl:px-20">
        <div className="flex items-center gap-3">
          <Mark className="size-10" />
          <span className="font-serif text-xl font-semibold tracking-tight">{ta('product')}</span>
        </div>
        <p className="max-w-md font-serif text-4xl leading-tight font-semibold tracking-tight text-balance">{t('landing')}</p>
        <ul className="flex max-w-md flex-col gap-6">
          {points.map(([icon, what, more]) => (
            <li key={what} className="flex gap-4">
              <span className="grid size-10 shrink-0 place-items-center rounded-full bg-surface text-accent-strong">
                <Icon name={icon} />
              </span>
              <span>
                <span className="block font-semibold">{what}</span>
                <span className="text-soft">{more}</span>
              </span>
            </li>
          ))}
        </ul>
      </aside>
      <main className="grid place-items-center px-4 py-10">
        <div className="w-full max-w-sm">
          <div className="mb-6 flex items-center justify-center gap-3 lg:hidden">
            <Mark className="size-10" />
            <span className="font-serif text-xl font-semibold tracking-tight">{ta('product')}</span>
          </div>
          <div className="card p-6">
            <h1 className="font-serif text-2xl font-semibold">{title}</h1>
            {lead ? <p className="mt-1.5 text-soft">{lead}</p> : null}
            <div className="mt-5">{children}</div>
          </div>
          <p className="mt-5 text-center text-sm text-soft">{t('private')}</p>
          <div className="mt-2 flex justify-center">
            <select aria-label={ta('language')} value={locale} onChange={(event) => setLocale(event.target.value === 'de' ? 'de' : 'en')} className="min-h-10 rounded-lg bg-transparent px-2 text-sm text-soft">
              {locales.map((value) => (
                <option key={value} value={value}>
                  {names[value]}
                </option>
              ))}
            </select>
          </div>
        </div>
      </main>
    </div>
  );
}
