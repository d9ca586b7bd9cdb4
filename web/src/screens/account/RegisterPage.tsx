import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { meQuery, queryClient } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { PasswordField, TextField } from '../../ui/Field';
import { Frame } from './Frame';
import { accountText } from './text';

export function RegisterPage() {
  const t = useMessages(accountText);
  const navigate = useNavigate();
  const [fields, setFields] = useState({ username: '', email: '', password: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.post('/register', { json: fields });
      await api.post('/auth/login', { json: { username: fields.username, password: fields.password } });
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: '/', replace: true });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const off = error instanceof ApiProblem && (error.status === 403 || error.status === 404);
  return (
    <Frame title={t('registerTitle')}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField label={t('userName')} autoComplete="username" autoCapitalize="none" spellCheck={false} required minLength={3} maxLength={64} value={fields.username} onChange={(e) => setFields({ ...fields, username: e.target.value })} />
        <TextField label={t('email')} type="email" autoComplete="email" required value={fields.email} onChange={(e) => setFields({ ...fields, email: e.target.value })} />
        <PasswordField label={t('password')} hint={t('passwordRule')} autoComplete="new-password" required minLength={8} value={fields.password} onChange={(e) => setFields({ ...fields, password: e.target.value })} />
        {error ? <ErrorPanel title={off ? t('registerOff') : t('setupFailed')} error={error} next={off ? t('registerOffHint') : undefined} /> : null}
        <Button type="submit" look="primary" busy={busy} className="min-h-11">
          {t('register')}
        </Button>
        <p className="text-center text-sm text-soft">
          {t('haveAccount')}{' '}
          <Link to="/login" search={{ next: undefined }} className="font-medium text-accent-strong underline underline-offset-4">
            {t('signIn')}
          </Link>
        </p>
      </form>
    </Frame>
  );
}
