import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, request } from '../../api/client';
import { failureOf, queryClient } from '../../api/queries';
import type { components } from '../../api/schema';
import { formatAgo, formatDate } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button } from '../../ui/Button';
import { ConfirmDialog, Dialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { SelectField, TextField } from '../../ui/Field';
import { Loading } from '../../ui/Loading';
import { Section } from '../../ui/Section';
import { Snippet } from '../../ui/Snippet';
import { settingsText } from './text';

type Key = components['schemas']['ApiKey'];
interface Permission {
  name: string;
  description: string;
  admin_only: boolean;
}

const keysQuery = { queryKey: ['keys'], queryFn: async () => (await api.get('/keys', { query: { limit: 100 } })).keys ?? [] };
const permissionsQuery = {
  queryKey: ['keyPermissions'],
  queryFn: async () => ((await (await request('get', '/keys/permissions/available')).json()) as { permissions: Permission[] }).permissions,
  staleTime: Number.POSITIVE_INFINITY,
};
/** The coarse ones; each covers the finer ones that the server also knows. */
const offered = ['read', 'write', 'delete', 'batch'];

export function KeysSection() {
  const t = useMessages(settingsText);
  const keys = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<Key | null>(null);
  const [busy, setBusy] = useState(false);
  const revoke = async () => {
    if (!doomed) return;
    setBusy(true);
    await api.post('/keys/{key_id}/revoke', { path: { key_id: doomed.id } }).catch(() => undefined);
    await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
    setBusy(false);
    setDoomed(null);
  };
  const failure = failureOf(keys);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void keys.refetch()} />;
  return (
    <Section
      title={t('keys')}
      hint={t('noKeysHint')}
      actions={
        <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
          {t('newKey')}
        </Button>
      }
    >
      {!keys.data ? (
        <Loading />
      ) : keys.data.length === 0 ? (
        <EmptyState icon="key" title={t('noKeys')}>
          <p>{t('noKeysUse')}</p>
          <div className="w-full min-w-0 text-start">
            <Snippet text={`curl ${location.origin}/v1/audio/transcriptions \\\n  -H "Authorization: Bearer $KEY" \\\n  -F file=@talk.mp3 -F model=whisper-1`} />
          </div>
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {keys.data.map((key) => (
            <li key={key.id} className="flex items-center gap-3 py-3">
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                  <span className="truncate">{key.name}</span>
                  <Badge tone={key.status === 'active' ? 'accent' : 'plain'}>{t(key.status)}</Badge>
                </p>
                <p className="text-sm text-soft">
                  <code className="font-mono">{key.prefix}…</code> · {key.permissions.join(', ')} · {key.last_used_at ? t('usedAgo', { ago: formatAgo(key.last_used_at) }) : t('neverUsed')}
                  {key.expires_at ? ` · ${t('expiresOn', { date: formatDate(key.expires_at) })}` : ''}
                </p>
              </div>
              {key.status === 'active' ? (
                <Button look="danger" onClick={() => setDoomed(key)}>
                  {t('revoke')}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      <NewKey open={making} onOpenChange={setMaking} />
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t('revokeTitle', { name: doomed?.name ?? '' })}
        description={t('revokeHint')}
        action={t('revoke')}
        busy={busy}
        onConfirm={() => void revoke()}
      />
    </Section>
  );
}

/** `onMade` is told the secret, which nobody is told a second time. */
export function NewKey({ open, onOpenChange, onMade }: { open: boolean; onOpenChange: (open: boolean) => void; onMade?: (secret: string) => void }) {
  const t = useMessages(settingsText);
  const permissions = (useQuery({ ...permissionsQuery, enabled: open }).data ?? []).filter((p) => offered.includes(p.name));
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [allowed, setAllowed] = useState<string[]>(['read', 'write']);
  const [secret, setSecret] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const close = (next: boolean) => {
    if (!next) {
      // The secret must not be there when the dialog is opened again.
      setSecret(null);
      setName('');
      setError(null);
    }
    onOpenChange(next);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const made = await (
        await request('post', '/keys', { json: { name, permissions: allowed, ...(days ? { expires_days: Number(days) } : {}) } })
      ).json();
      const key = (made as { api_key?: string }).api_key ?? '';
      setSecret(key);
      onMade?.(key);
      await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  if (secret !== null) {
    return (
      <Dialog
        open={open}
        onOpenChange={close}
        title={t('keyCreated')}
        description={t('keyOnce')}
        footer={
          <Button look="primary" onClick={() => close(false)}>
            {t('done')}
          </Button>
        }
      >
        <Snippet text={secret} label={t('keyCreated')} />
      </Dialog>
    );
  }
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={t('newKey')}
      footer={
        <Button look="primary" type="submit" form="new-key" busy={busy} disabled={allowed.length === 0}>
          {t('createKey')}
        </Button>
      }
    >
      <form id="new-key" className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField label={t('keyName')} hint={t('keyNameHint')} required maxLength={255} value={name} onChange={(event) => setName(event.target.value)} />
        <SelectField label={t('keyExpires')} value={days} onChange={(event) => setDays(event.target.value)}>
          {[7, 30, 90, 365].map((count) => (
            <option key={count} value={count}>
              {t('keyDays', { count })}
            </option>
          ))}
          <option value="">{t('keyNever')}</option>
        </SelectField>
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">{t('keyPermissions')}</legend>
          {permissions.map((permission) => (
            <label key={permission.name} className="flex min-h-9 items-center gap-2.5 text-sm">
              <input
                type="checkbox"
                className="size-4.5 accent-accent"
                checked={allowed.includes(permission.name)}
                onChange={(event) => setAllowed(event.target.checked ? [...allowed, permission.name] : allowed.filter((other) => other !== permission.name))}
              />
              <span>
                <code className="font-mono">{permission.name}</code> <span className="text-soft">{permission.description}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {error ? <ErrorPanel title={t('keyFailed')} error={error} /> : null}
      </form>
    </Dialog>
  );
}
