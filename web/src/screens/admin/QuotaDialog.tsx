import { type FormEvent, useState } from 'react';

import { api } from '../../api/client';
import type { User } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { SelectField, TextField } from '../../ui/Field';
import { type Allowance, allowanceOf, bytesOf } from './quota';
import { adminText } from './text';

/** How much one person's recordings may take. */
export function QuotaDialog({ user, onClose, onChanged }: { user: User; onClose: () => void; onChanged: () => Promise<void> }) {
  const t = useMessages(adminText);
  const [allowance, setAllowance] = useState(() => allowanceOf(user.storage_quota_bytes));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await api.patch('/users/{user_id}', { path: { user_id: user.id }, json: { storage_quota_bytes: bytesOf(allowance) } });
      await onChanged();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('quotaTitle', { name: user.username })}
      description={t('quotaHint')}
      footer={
        <Button look="primary" type="submit" form="quota" busy={busy}>
          {t('quotaSave')}
        </Button>
      }
    >
      <form id="quota" className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <SelectField label={t('quota')} value={allowance.kind} onChange={(event) => setAllowance({ ...allowance, kind: event.target.value as Allowance['kind'] })}>
          <option value="everybody">{t('quotaEverybody')}</option>
          <option value="limit">{t('quotaLimit')}</option>
          <option value="none">{t('quotaNone')}</option>
        </SelectField>
        {allowance.kind === 'limit' ? (
          <TextField
            label={t('quotaGigabytes')}
            type="number"
            inputMode="decimal"
            required
            min={0.0001}
            max={1_000_000}
            step="any"
            value={allowance.gigabytes}
            onChange={(event) => setAllowance({ ...allowance, gigabytes: event.target.value })}
          />
        ) : null}
        {error ? <ErrorPanel title={t('quotaFailed')} error={error} /> : null}
      </form>
    </Dialog>
  );
}
