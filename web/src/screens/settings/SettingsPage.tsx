import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { formatsQuery, type Me, meQuery, queryClient } from '../../api/queries';
import { useDefaultFormat } from '../../app/defaultFormat';
import { canNotify, chooseNotices, useNotices } from '../../app/notices';
import { Page } from '../../app/Page';
import { forgetOffline } from '../../app/session';
import { appText } from '../../app/text';
import { chooseDefaultFormat, chooseDefaults, chooseLocale, chooseTheme } from '../../app/preferences';
import { type Theme, useTheme } from '../../app/theme';
import { formatBytes, formatDate, formatLength, formatNumber } from '../../i18n/format';
import { locales, useLocale } from '../../i18n/locale';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { SelectField, Switch, TextArea, TextField } from '../../ui/Field';
import { formatName } from '../../ui/formatNames';
import { splitTerms, termsMax, useDefaults } from '../../uploads/options';
import { Progress } from '../../ui/Progress';
import { Facts, Section } from '../../ui/Section';
import { Subnav } from '../../ui/Subnav';
import { toast } from '../../ui/Toast';
import { PasswordForm } from '../account/PasswordForm';
import { OptionsPanel } from '../new/OptionsPanel';
import { KeysSection } from './KeysSection';
import { SessionsSection } from './SessionsSection';
import { settingsText } from './text';

export function SettingsPage() {
  const t = useMessages(settingsText);
  const me = useQuery(meQuery).data;
  const params = useParams({ strict: false });
  const alone = me?.credential === 'loopback';
  const items = [
    { tab: 'general', label: t('general') },
    { tab: 'profile', label: t('profile') },
    ...(alone
      ? []
      : [
          { tab: 'password', label: t('password') },
          { tab: 'sessions', label: t('sessions') },
        ]),
    { tab: 'keys', label: t('keys') },
  ];
  const tab = items.some((item) => item.tab === params.tab) ? (params.tab ?? 'general') : 'general';
  return (
    <Page title={t('title')}>
      <Subnav base="/settings" label={t('sections')} items={items} current={tab} />
      {tab === 'general' ? <General /> : null}
      {tab === 'profile' && me ? (
        <>
          <Profile me={me} />
          <OwnUsage />
        </>
      ) : null}
      {tab === 'password' ? (
        <Section title={t('password')}>
          <PasswordForm />
        </Section>
      ) : null}
      {tab === 'sessions' ? <SessionsSection /> : null}
      {tab === 'keys' ? <KeysSection /> : null}
    </Page>
  );
}

function General() {
  const t = useMessages(settingsText);
  const ta = useMessages(appText);
  const theme = useTheme();
  const locale = useLocale();
  const defaults = useDefaults();
  const names: Record<string, string> = { en: 'English', de: 'Deutsch' };
  return (
    <>
      <Section title={t('appearance')} hint={t('appearanceHint')}>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={ta('theme')} value={theme} onChange={(event) => chooseTheme(event.target.value as Theme)}>
            <option value="system">{ta('themeSystem')}</option>
            <option value="light">{ta('themeLight')}</option>
            <option value="dark">{ta('themeDark')}</option>
          </SelectField>
          <SelectField label={t('language')} value={locale} onChange={(event) => chooseLocale(event.target.value === 'de' ? 'de' : 'en')}>
            {locales.map((value) => (
              <option key={value} value={value}>
                {names[value]}
              </option>
            ))}
          </SelectField>
        </div>
      </Section>
      <Section title={t('defaults')} hint={t('defaultsHint')}>
        <OptionsPanel options={defaults} onChange={chooseDefaults} />
        <div className="mt-5">
          <Vocabulary value={defaults.vocabulary} />
        </div>
      </Section>
      <Downloads />
      {canNotify() ? <Notices /> : null}
      <Section title={t('install')} hint={t('installHint')}>
        <Button
          icon="trash"
          onClick={async () => {
            await forgetOffline();
            toast(t('forgotten'));
          }}
        >
          {t('forget')}
        </Button>
      </Section>
    </>
  );
}

function Downloads() {
  const t = useMessages(settingsText);
  const formats = useQuery(formatsQuery).data ?? [];
  const format = useDefaultFormat();
  return (
    <Section title={t('downloads')} hint={t('downloadsHint')}>
      <div className="sm:w-1/2 sm:pe-2">
        <SelectField label={t('defaultFormat')} value={format} onChange={(event) => chooseDefaultFormat(event.target.value)}>
          <option value="">{t('lastFormat')}</option>
          {formats.map((one) => (
            <option key={one.name} value={one.name}>
              {formatName(one)}
            </option>
          ))}
        </SelectField>
      </div>
    </Section>
  );
}

function Notices() {
  const t = useMessages(settingsText);
  const on = useNotices();
  const choose = async (next: boolean) => {
    if (!(await chooseNotices(next))) toast(t('noticesRefused'), { tone: 'danger' });
  };
  return (
    <Section title={t('notices')}>
      <Switch label={t('noticeEnds')} hint={t('noticeEndsHint')} checked={on} onChange={(next) => void choose(next)} />
    </Section>
  );
}

function OwnUsage() {
  const t = useMessages(settingsText);
  const usage = useQuery({ queryKey: ['usage'], queryFn: () => api.get('/usage') }).data;
  if (!usage) return null;
  const quota = usage.quota_bytes ?? 0;
  const active = usage.active_jobs_max ? t('usedOf', { used: formatNumber(usage.active_jobs), max: formatNumber(usage.active_jobs_max) }) : formatNumber(usage.active_jobs);
  return (
    <Section title={t('usage')}>
      {quota > 0 ? <Progress className="mb-4 h-2" value={Math.min(100, (100 * usage.bytes) / quota)} label={t('usedStorage')} /> : null}
      <Facts
        rows={[
          [t('usedStorage'), quota > 0 ? t('usedOf', { used: formatBytes(usage.bytes), max: formatBytes(quota) }) : formatBytes(usage.bytes)],
          [t('usedJobs'), formatNumber(usage.jobs)],
          [t('usedActive'), active],
          [t('usedAudio'), formatLength(usage.audio_seconds ?? 0)],
        ]}
      />
    </Section>
  );
}

/** Stored when the field is left. */
function Vocabulary({ value }: { value: string[] }) {
  const t = useMessages(settingsText);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextArea
      label={t('vocabulary')}
      hint={t('vocabularyHint', { max: termsMax })}
      rows={4}
      value={typed ?? value.join('\n')}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        if (typed === null) return;
        const terms = splitTerms(typed);
        setTyped(null);
        if (terms.join('\n') === value.join('\n')) return;
        chooseDefaults({ vocabulary: terms });
        toast(t('saved'));
      }}
    />
  );
}

function Profile({ me }: { me: Me }) {
  const t = useMessages(settingsText);
  const [email, setEmail] = useState(me.email ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (me.credential === 'loopback') {
    return (
      <Section title={t('singleUser')} hint={t('singleUserHint')}>
        <Facts rows={[[t('userName'), me.username]]} />
      </Section>
    );
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.put('/auth/user', { json: { email } });
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
      toast(t('saved'));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={t('profile')}>
      <Facts
        rows={[
          [t('userName'), me.username],
          [t('role'), me.is_admin ? t('roleAdmin') : t('roleUser')],
          [t('since'), me.created_at ? formatDate(me.created_at) : '–'],
        ]}
      />
      <form className="mt-5 flex max-w-sm flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField label={t('email')} type="email" autoComplete="email" value={email} onChange={(event) => setEmail(event.target.value)} />
        {error ? <ErrorPanel title={t('saveFailed')} error={error} /> : null}
        <Button type="submit" look="primary" busy={busy} className="self-start">
          {t('save')}
        </Button>
      </form>
    </Section>
  );
}
