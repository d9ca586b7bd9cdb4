import { useState } from 'react';
import { request } from '../../api/client';
import { formatBytes } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Section } from '../../ui/Section';
import { toast } from '../../ui/Toast';
import { adminText } from './text';

interface Found {
  orphan_blobs: string[];
  missing_blobs: string[];
  bytes: number;
  removed: number;
}

export function StorageSection() {
  const t = useMessages(adminText);
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const reply = (await (await request('post', '/admin/cleanup', { query: { dry_run: dryRun } })).json()) as Found;
      if (dryRun) {
        setFound(reply);
      } else {
        toast(t('removed', { count: reply.removed }));
        setFound(null);
      }
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={t('cleanUp')} hint={t('cleanUpHint')}>
      {error ? <ErrorPanel title={t('loadFailed')} error={error} /> : null}
      <p role="status" className="mb-3 text-sm">
        {found ? t('found', { files: found.orphan_blobs.length, size: formatBytes(found.bytes), missing: found.missing_blobs.length }) : null}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button icon="search" busy={busy} onClick={() => void run(true)}>
          {t('search')}
        </Button>
        {found && found.orphan_blobs.length > 0 ? (
          <Button look="danger" icon="trash" busy={busy} onClick={() => void run(false)}>
            {t('removeFound')}
          </Button>
        ) : null}
      </div>
    </Section>
  );
}
