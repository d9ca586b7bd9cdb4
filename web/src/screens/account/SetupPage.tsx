// The first account of a server that has none.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { meQuery, queryClient, setupQuery } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { PasswordField, TextField } from '../../ui/Field';
import { Frame } from './Frame';
import { accountText } from './text';

export function SetupPage() {
  const t = useMessages(accountText);
  const navigate = useNavigate();
  const setup = useQuery(setupQuery);
  const [fields, setFields] = useState({ token: '', username: '', email: '', password: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (part: Partial<typeof fields>) => setFields({ ...fields, ...part });
  if (setup.data && !setup.data.awaits_setup && !busy) {
    return (
      <Frame title={t('setupDone')} lead={t('setupDoneHint')}>
        <Button asChild look="primary" className="w-full">
          <Link to="/">{t('signIn')}</Link>
        </Button>
      </Frame>
    );
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const { email, ...rest } = fields;
      await api.post('/setup', { json: email ? { ...rest, email } : rest });
      await api.post('/auth/login', { json: { username: fields.username, password: fields.password } });
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: '/welcome', replace: true });
      queryClient.setQueryData(setupQuery.queryKey, { awaits_setup: false });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Frame title={t('setupTitle')} lead={t('setupLead')}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField label={t('setupToken')} hint={t('setupTokenHint')} autoComplete="off" spellCheck={false} required className="font-mono" value={fields.token} onChange={(e) => set({ token: e.target.value.trim() })} />
        <TextField label={t('userName')} autoComplete="username" autoCapitalize="none" spellCheck={false} required minLength={3} maxLength={64} value={fields.username} onChange={(e) => set({ username: e.target.value })} />
        <TextField label={t('emailOptional')} type="email" autoComplete="email" value={fields.email} onChange={(e) => set({ email: e.target.value })} />
        <PasswordField label={t('password')} hint={t('passwordRule')} autoComplete="new-password" required minLength={8} value={fields.password} onChange={(e) => set({ password: e.target.value })} />
        {error ? <ErrorPanel title={t('setupFailed')} error={error} /> : null}
        <Button type="submit" look="primary" busy={busy} className="min-h-11">
          {t('setupAction')}
        </Button>
      </form>
      <details className="mt-5 text-sm text-soft">
        <summary className="font-medium">{t('setupAlone')}</summary>
        <p className="mt-1.5">{t('setupAloneHint')}</p>
      </details>
    </Frame>
  );
}
