// Changing one's own password: a page of its own when it is due, a card in the settings.
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { meQuery, queryClient } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { PasswordField } from '../../ui/Field';
import { toast } from '../../ui/Toast';
import { Frame } from './Frame';
import { accountText } from './text';

export function PasswordForm({ onDone }: { onDone?: () => void }) {
  const t = useMessages(accountText);
  const [fields, setFields] = useState({ current: '', next: '', again: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const mismatch = fields.again !== '' && fields.again !== fields.next ? t('mismatch') : null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (fields.again !== fields.next) return;
    setBusy(true);
    setError(null);
    try {
      await api.post('/change-password', { json: { current_password: fields.current, new_password: fields.next } });
      setFields({ current: '', next: '', again: '' });
      toast(t('changed'));
      await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
      onDone?.();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="flex max-w-sm flex-col gap-4" onSubmit={(event) => void submit(event)}>
      <PasswordField label={t('currentPassword')} autoComplete="current-password" required value={fields.current} onChange={(e) => setFields({ ...fields, current: e.target.value })} />
      <PasswordField label={t('newPassword')} hint={t('passwordRule')} autoComplete="new-password" required minLength={8} value={fields.next} onChange={(e) => setFields({ ...fields, next: e.target.value })} />
      <PasswordField label={t('repeatPassword')} autoComplete="new-password" required value={fields.again} error={mismatch} onChange={(e) => setFields({ ...fields, again: e.target.value })} />
      {error ? <ErrorPanel title={t('changeFailed')} error={error} /> : null}
      <Button type="submit" look="primary" busy={busy} disabled={mismatch !== null}>
        {t('change')}
      </Button>
    </form>
  );
}

export function ChangePasswordPage() {
  const t = useMessages(accountText);
  const navigate = useNavigate();
  return (
    <Frame title={t('changeTitle')} lead={t('changeLead')}>
      <PasswordForm onDone={() => void navigate({ to: '/', replace: true })} />
    </Frame>
  );
}
