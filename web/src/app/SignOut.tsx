// Signing out removes what this browser keeps, also what was never sent: that is asked before.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { signOut, unsent } from './session';
import { appText } from './text';

export function useSignOut() {
  const t = useMessages(appText);
  const navigate = useNavigate();
  const [left, setLeft] = useState<{ recordings: number; uploads: number } | null>(null);
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    await signOut().catch(() => undefined);
    setBusy(false);
    setLeft(null);
  };
  const ask = async () => {
    const found = await unsent();
    if (found.recordings + found.uploads === 0) await leave();
    else setLeft(found);
  };
  const dialog = left ? (
    <Dialog
      open
      onOpenChange={(open) => !open && setLeft(null)}
      title={t('unsentTitle')}
      description={t('unsentHint')}
      footer={
        <>
          <Button
            onClick={() => {
              setLeft(null);
              void navigate({ to: '/new', hash: left.recordings > 0 ? 'microphone' : undefined });
            }}
          >
            {t('unsentLook')}
          </Button>
          <Button look="danger" icon="logout" busy={busy} onClick={() => void leave()}>
            {t('unsentLeave')}
          </Button>
        </>
      }
    >
      <ul className="list-disc ps-5">
        {left.recordings > 0 ? <li>{t('unsentRecordings', { count: left.recordings })}</li> : null}
        {left.uploads > 0 ? <li>{t('unsentUploads', { count: left.uploads })}</li> : null}
      </ul>
    </Dialog>
  ) : null;
  return { ask, dialog };
}
