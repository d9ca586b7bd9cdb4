// The library before there is anything in it: what to do, in three ways.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery, modelsQuery } from '../../api/queries';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Icon } from '../../ui/Icon';
import { Snippet } from '../../ui/Snippet';
import { getOptions, optionFields } from '../../uploads/options';
import { sendSample } from '../../uploads/pending';
import { libraryText } from './text';

export function EmptyLibrary() {
  const t = useMessages(libraryText);
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const trySample = async () => {
    setBusy(true);
    setError(null);
    try {
      const jobId = await sendSample(optionFields(getOptions()));
      await navigate({ to: '/transcript/$jobId', params: { jobId } });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const admin = useQuery(meQuery).data?.is_admin === true;
  // Without a model nothing can be transcribed: that comes first.
  if (useQuery(modelsQuery).data?.length === 0) {
    return (
      <EmptyState icon="download" title={t('noModelTitle')}>
        <p>{t(admin ? 'noModelHint' : 'noModelAsk')}</p>
        {admin ? (
          <Button asChild look="primary">
            <Link to="/welcome">{t('noModelAction')}</Link>
          </Button>
        ) : null}
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-8">
      <div className="flex flex-col items-center gap-5 rounded-[var(--radius-card)] border-2 border-dashed border-line-strong bg-surface px-6 py-14 text-center">
        <span className="grid size-16 place-items-center rounded-full bg-accent-wash text-accent-strong">
          <Icon name="wave" className="size-8" />
        </span>
        <div className="max-w-lg">
          <h2 className="font-serif text-2xl font-semibold">{t('emptyTitle')}</h2>
          <p className="mt-2 text-soft">{t('emptyHint')}</p>
        </div>
        <div className="flex flex-wrap justify-center gap-2">
          <Button asChild look="primary">
            <Link to="/new">
              <Icon name="upload" className="size-4.5" />
              {t('chooseRecording')}
            </Link>
          </Button>
          <Button icon="play" busy={busy} onClick={() => void trySample()}>
            {t('trySample')}
          </Button>
        </div>
      </div>
      {error ? <ErrorPanel title={t('trySample')} error={error} /> : null}
      <section>
        <h2 className="mb-2 text-sm font-semibold">{t('orApi')}</h2>
        <Snippet text={`curl -F file=@talk.mp3 ${location.origin}/v1/audio/transcriptions -F model=whisper-1`} />
      </section>
    </div>
  );
}
