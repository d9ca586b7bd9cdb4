// After the first account was made: is the server ready, is there a model, and the first transcript.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { meQuery, modelsQuery, readinessQuery } from '../../api/queries';
import { Page } from '../../app/Page';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Icon } from '../../ui/Icon';
import { getOptions, optionFields } from '../../uploads/options';
import { sendSample } from '../../uploads/pending';
import { HardwareLine, ModelList } from '../models/ModelList';
import { welcomeText } from './text';

function Step({ number, title, hint, children }: { number: number; title: string; hint?: string; children: ReactNode }) {
  return (
    <li className="card flex gap-4 p-5">
      <span className="figures grid size-8 shrink-0 place-items-center rounded-full bg-accent-wash font-semibold text-accent-strong">{number}</span>
      <div className="min-w-0 flex-1">
        <h2 className="pt-1 font-semibold">{title}</h2>
        {hint ? <p className="text-sm text-soft">{hint}</p> : null}
        <div className="mt-3">{children}</div>
      </div>
    </li>
  );
}

export function WelcomePage() {
  const t = useMessages(welcomeText);
  const navigate = useNavigate();
  const readiness = useQuery(readinessQuery).data;
  const me = useQuery(meQuery).data;
  const models = useQuery(modelsQuery).data;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const missing = Object.entries(readiness?.checks ?? {})
    .filter(([, ok]) => !ok)
    .map(([name]) => name);
  const modelless = models?.length === 0;
  const sample = async () => {
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
  return (
    <Page title={modelless ? t('titleSetUp') : t('title')} lead={modelless ? t('leadSetUp') : t('lead')}>
      <ol className="flex flex-col gap-4">
        <Step number={1} title={t('server')}>
          <p className="flex items-center gap-2">
            <Icon name={missing.length === 0 ? 'check' : 'alert'} className={missing.length === 0 ? 'text-accent' : modelless ? 'text-warn' : 'text-danger'} />
            {missing.length === 0 ? t('serverReady') : missing.every((name) => name === 'models') ? t('serverNoModel') : t('serverNotReady', { names: missing.join(', ') })}
          </p>
        </Step>
        <Step number={2} title={t('models')} hint={t('modelsHint')}>
          <HardwareLine />
          {me?.is_admin ? <ModelList brief /> : null}
        </Step>
        <Step number={3} title={t('first')} hint={t('firstHint')}>
          <div className="flex flex-wrap gap-2">
            <Button look="primary" icon="play" busy={busy} disabled={modelless} onClick={() => void sample()}>
              {t('sample')}
            </Button>
            <Button asChild>
              <Link to="/new">{t('own')}</Link>
            </Button>
          </div>
          {error ? (
            <div className="mt-3">
              <ErrorPanel title={t('failed')} error={error} />
            </div>
          ) : null}
        </Step>
      </ol>
    </Page>
  );
}
