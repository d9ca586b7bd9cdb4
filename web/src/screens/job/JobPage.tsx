// /transcript/ID: the job while it works or when it went wrong, the transcript when it is done.
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { nameOf } from '../../api/details';
import { type Live, useJob, useLatest } from '../../api/live';
import { isEnded, isFailed, type Job } from '../../api/queries';
import { ApiProblem } from '../../api/problem';
import { Page } from '../../app/Page';
import { formatClock, formatLength, formatNumber, languageName } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button, Spinner } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Icon } from '../../ui/Icon';
import { Progress } from '../../ui/Progress';
import { uiText } from '../../ui/text';
import { cancelJobs, deleteJobs, restartJobs } from '../library/actions';
import { JobLog } from './JobLog';
import { jobText } from './text';

const TranscriptPage = lazy(() => import('../../transcript/TranscriptPage').then((m) => ({ default: m.TranscriptPage })));

export function JobPage() {
  const t = useMessages(jobText);
  const { jobId } = useParams({ from: '/app/transcript/$jobId' });
  const { job, live, lost } = useJob(jobId);
  const before = useRef<string | null>(null);
  const [said, setSaid] = useState('');
  const status = job.data?.status ?? null;
  const name = nameOf(job.data);
  useEffect(() => {
    // The end is announced once, by those who saw it running; words are not.
    if (before.current && status && !isEnded(before.current)) {
      if (status === 'completed') setSaid(t('announceDone', { name }));
      else if (isFailed(status)) setSaid(t('announceFailed', { name }));
    }
    before.current = status;
  }, [status, name, t]);
  return (
    <>
      <p role="status" className="sr-only">
        {said}
      </p>
      {job.isError && !job.data ? (
        <Missing error={job.error} onRetry={() => void job.refetch()} />
      ) : !job.data ? (
        <Waiting />
      ) : job.data.status === 'completed' ? (
        <Suspense fallback={<Waiting />}>
          <TranscriptPage jobId={jobId} />
        </Suspense>
      ) : isEnded(job.data.status) ? (
        <Ended job={job.data} />
      ) : (
        <Working job={job.data} live={live} lost={lost} />
      )}
    </>
  );
}

function Waiting() {
  const t = useMessages(uiText);
  return (
    <div role="status" className="grid place-items-center py-24 text-soft">
      <Spinner className="size-6" />
      <span className="sr-only">{t('loading')}</span>
    </div>
  );
}

function Missing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useMessages(jobText);
  if (error instanceof ApiProblem && (error.status === 404 || error.status === 422 || error.status === 400)) {
    return (
      <Page title={t('missing')}>
        <EmptyState icon="file" title={t('missing')}>
          <p>{t('missingHint')}</p>
          <Button asChild look="primary">
            <Link to="/">{t('toLibrary')}</Link>
          </Button>
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title={t('loadFailed')}>
      <ErrorPanel title={t('loadFailed')} error={error} onRetry={onRetry} />
    </Page>
  );
}

function Back() {
  const t = useMessages(jobText);
  return (
    <Link to="/" className="inline-flex min-h-10 items-center gap-1.5 text-sm font-medium text-soft hover:text-ink">
      <Icon name="back" className="size-4 rtl:-scale-x-100" />
      {t('back')}
    </Link>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="figures font-medium">{value}</dd>
    </div>
  );
}

/** Counts on by itself: a job without news is not one that stands still. */
function Runtime({ since }: { since: string }) {
  const t = useMessages(jobText);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <Fact name={t('runtime')} value={formatClock((now - new Date(since).getTime()) / 1_000)} />;
}

function Working({ job, live, lost }: { job: Job; live: Live; lost: boolean }) {
  const t = useMessages(jobText);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const now = useLatest(job);
  const queued = job.status === 'queued';
  const total = now.seconds_total || job.duration || 0;
  const language = live.language ?? job.detected_language ?? job.language;
  return (
    <Page
      title={nameOf(job)}
      named
      above={<Back />}
      actions={
        <Button look="danger" icon="cancel" onClick={() => setAsking(true)}>
          {t('cancel')}
        </Button>
      }
    >
      <section className="card p-5">
        <div className="mb-3 flex items-center gap-2.5 font-medium">
          {queued ? <Icon name="clock" className="text-soft" /> : <Spinner className="text-accent" />}
          <span className="flex-1">{queued ? (job.queue_position ? t('queuedAt', { position: job.queue_position }) : t('queued')) : t(job.status === 'enriching' ? 'enriching' : 'processing')}</span>
          {queued ? null : <span className="figures text-soft">{formatNumber(now.progress ?? 0)} %</span>}
        </div>
        <Progress className="h-2" value={queued ? 0 : (now.progress ?? 0)} label={t('progress')} />
        <dl className="mt-4 grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
          <Fact name={t('done')} value={total > 0 ? t('of', { done: formatClock(now.seconds_done ?? 0), total: formatClock(total) }) : '–'} />
          <Fact name={t('speed')} value={now.speed ? t('times', { speed: formatNumber(now.speed, 1) }) : queued ? '–' : t('measuring')} />
          <Fact name={t('left')} value={now.estimated_time_remaining && now.speed ? formatLength(now.estimated_time_remaining) : '–'} />
          <Fact name={t('language')} value={language && language !== 'auto' ? languageName(language) : '–'} />
          <Fact name={t('model')} value={job.model} />
          {job.started_at ? <Runtime since={job.started_at} /> : null}
        </dl>
      </section>
      {lost ? (
        <p className="mt-3 flex items-center gap-2 text-sm text-warn">
          <Icon name="alert" className="size-4.5" />
          {t('lost')}
        </p>
      ) : null}
      <section aria-label={t('draft')} className="mt-6">
        {live.segments.length === 0 ? (
          queued ? null : <p className="text-soft italic">{t('firstWords')}</p>
        ) : (
          <ol className="flex flex-col gap-3">
            {live.segments.map((segment) => (
              <li key={segment.id} className="appear grid gap-x-4 sm:grid-cols-[4rem_1fr]">
                <span className="figures pt-1.5 text-xs text-soft">{formatClock(segment.start)}</span>
                <p className="reading" dir="auto">
                  {segment.text.trim()}
                </p>
              </li>
            ))}
          </ol>
        )}
      </section>
      <JobLog job={job} />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('cancelTitle')}
        description={t('cancelHint')}
        action={t('cancel')}
        busy={busy}
        onConfirm={async () => {
          setBusy(true);
          await cancelJobs([job]);
          setBusy(false);
          setAsking(false);
        }}
      />
    </Page>
  );
}

function nextStep(code: string): 'failedNext' | 'failedMediaNext' | 'failedModelNext' | 'failedMemoryNext' {
  const lower = code.toLowerCase();
  if (/media|decode|audio|corrupt|format|invalid_file/.test(lower)) return 'failedMediaNext';
  if (/model/.test(lower)) return 'failedModelNext';
  if (/memory|exhausted|resource/.test(lower)) return 'failedMemoryNext';
  return 'failedNext';
}

function Ended({ job }: { job: Job }) {
  const t = useMessages(jobText);
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    await act();
    setBusy(false);
  };
  const again = (
    <Button look="primary" icon="restart" busy={busy} onClick={() => void attempt(() => restartJobs([job]))}>
      {t('again')}
    </Button>
  );
  const remove = (
    <Button look="danger" icon="trash" onClick={() => setAsking(true)}>
      {t('delete')}
    </Button>
  );
  return (
    <Page title={nameOf(job)} named above={<Back />}>
      {isFailed(job.status) ? (
        <ErrorPanel
          title={t('failed')}
          error={new Error(job.error_message ?? job.status)}
          consequence={t('failedConsequence')}
          next={t(nextStep(job.error_code ?? ''))}
          report={{ job: job.id, status: job.status, error_code: job.error_code, model: job.model, attempts: job.attempts, container: job.container, seconds_done: job.seconds_done, file_size: job.file_size }}
        >
          {again}
          {remove}
        </ErrorPanel>
      ) : (
        <EmptyState icon="cancel" title={t('cancelled')}>
          <p>{t('cancelledHint')}</p>
          <div className="flex flex-wrap justify-center gap-2">
            {again}
            {remove}
          </div>
        </EmptyState>
      )}
      <JobLog job={job} />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('deleteTitle')}
        description={t('deleteHint')}
        action={t('delete')}
        busy={busy}
        onConfirm={() =>
          void attempt(async () => {
            await deleteJobs([job]);
            await navigate({ to: '/' });
          })
        }
      />
    </Page>
  );
}
