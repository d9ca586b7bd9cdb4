import { Page } from '../../app/Page';
import { useMessages } from '../../i18n/messages';
import { Section } from '../../ui/Section';
import { helpText } from './text';

function Keys({ keys }: { keys: string[] }) {
  return (
    <span className="flex gap-1">
      {keys.map((key) => (
        <kbd key={key} className="min-w-7 rounded-md border border-line-strong bg-sunken px-1.5 py-0.5 text-center font-mono text-xs">
          {key}
        </kbd>
      ))}
    </span>
  );
}

export function HelpPage() {
  const t = useMessages(helpText);
  const list = (...lines: string[]) => (
    <ul className="flex list-disc flex-col gap-1.5 ps-5">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
  const rows: [string[], string][] = [
    [['/'], t('keySearch')],
    [['n'], t('keyNew')],
    [['g'], t('keyLibrary')],
    [['?'], t('keyHelp')],
    [['Esc'], t('keyClose')],
    [['Shift', 'Click'], t('keyShiftClick')],
  ];
  return (
    <Page title={t('title')}>
      <Section title={t('begin')}>{list(t('begin1'), t('begin2'), t('begin3'))}</Section>
      <Section title={t('better')}>{list(t('better1'), t('better2'), t('better3'))}</Section>
      <Section title={t('upload')}>{list(t('upload1'), t('upload2'))}</Section>
      <Section title={t('keys')}>
        <ul className="divide-y divide-line">
          {rows.map(([keys, what]) => (
            <li key={what} className="flex items-center justify-between gap-4 py-2">
              <span>{what}</span>
              <Keys keys={keys} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t('privacy')}>{list(t('privacy1'), t('privacy2'))}</Section>
    </Page>
  );
}
