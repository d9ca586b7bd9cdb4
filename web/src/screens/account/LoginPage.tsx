import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { meQuery, queryClient, setupQuery } from '../../api/queries';
import { takeExpiryNotice } from '../../app/session';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { PasswordField, TextField } from '../../ui/Field';
import { Frame } from './Frame';
import { accountText } from './text';

/** Only paths of this app: an address from outside must not lead elsewhere. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';
}

export function LoginPage() {
  const t = useMessages(accountText);
  const navigate = useNavigate();
  const next = safeNext(useSearch({ from: '/login' }).next);
  const setup = useQuery(setupQuery);
  const me = useQuery(meQuery);
  const [expired] = useState(takeExpiryNotice);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (setup.data?.awaits_setup) return <Navigate to="/setup" />;
  if (me.data && !busy) return <Navigate to={next as '/'} />;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.post('/auth/login', { json: { username, password } });
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: next as '/', replace: true });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const status = error instanceof ApiProblem ? error.status : 0;
  const wrong = error instanceof ApiProblem && status === 401 ? t('wrong') : null;
  const throttled = error instanceof ApiProblem && status === 429 ? t('throttled', { seconds: error.retryAfterS ?? 60 }) : null;
  return (
    <Frame title={t('signIn')}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        {expired ? (
          <p role="status" className="rounded-lg bg-warn-wash px-3 py-2 text-sm text-warn">
            {t('expired')}
          </p>
        ) : null}
        <TextField label={t('userName')} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required value={username} onChange={(e) => setUsername(e.target.value)} autoFocus />
        <PasswordField label={t('password')} name="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.target.value)} error={wrong ?? throttled} />
        {error && !wrong && !throttled ? <ErrorPanel title={t('signInFailed')} error={error} /> : null}
        <div role="alert" className="sr-only">
          {wrong ?? throttled}
        </div>
        <Button type="submit" look="primary" busy={busy} className="min-h-11">
          {busy ? t('signingIn') : t('signIn')}
        </Button>
        <p className="text-center text-sm text-soft">
          {t('noAccount')}{' '}
          <Link to="/register" className="font-medium text-accent-strong underline underline-offset-4">
            {t('register')}
          </Link>
        </p>
      </form>
    </Frame>
  );
}
