// Earlier states: what changed since, and the way back. The machine's own text is always among them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { compareDocs } from '../editor/compare';
import { docFromWire } from '../editor/model';
import { clock } from '../editor/time';
import { formatDateTime } from '../i18n/format';
import { useMessages } from '../i18n/messages';
import { Button, Spinner } from '../ui/Button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/Dialog';
import { ErrorPanel } from '../ui/ErrorPanel';
import { toast } from '../ui/Toast';
import { useDesk, useSnapshot } from './context';
import { transcriptText } from './text';
import { keepVersion, listVersions, readVersion, restoreVersion, type Version } from './transport';

/** Changed places that are listed; a rewritten hour would fill the page. */
const PLACES = 100;

function Differences({ jobId, version }: { jobId: string; version: number }) {
  const t = useMessages(transcriptText);
  const query = useQuery({
    queryKey: ['version', jobId, version],
    queryFn: () => readVersion(jobId, version),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const doc = useSnapshot((snapshot) => snapshot.doc);
  const places = useMemo(() => (query.data ? compareDocs(docFromWire(query.data), doc) : []), [query.data, doc]);
  if (query.isPending) return <Spinner />;
  if (query.error)
    return <ErrorPanel title={t('versionsFailed')} error={query.error} onRetry={() => void query.refetch()} />;
  if (places.length === 0) return <p className="text-soft">{t('same')}</p>;
  return (
    <>
      <ol className="flex flex-col gap-2" aria-label={t('differences')}>
        {places.slice(0, PLACES).map((place, index) => (
          <li key={index} className="grid grid-cols-[3.5rem_1fr] gap-2">
            <span className="figures pt-0.5 font-mono text-xs text-soft">{clock(place.at)}</span>
            <p dir="auto" className="font-serif break-words">
              <span className="text-soft">{place.before} </span>
              {place.removed ? (
                <del className="rounded bg-danger-wash px-0.5 text-danger">
                  <span className="sr-only">{t('removedText')}: </span>
                  {place.removed}
                </del>
              ) : null}{' '}
              {place.added ? (
                <ins className="rounded bg-accent-wash px-0.5 text-accent-strong no-underline">
                  <span className="sr-only">{t('addedText')}: </span>
                  {place.added}
                </ins>
              ) : null}
              <span className="text-soft"> {place.after}</span>
            </p>
          </li>
        ))}
      </ol>
      {places.length > PLACES ? (
        <p className="mt-2 text-sm text-soft">{t('moreDifferences', { count: places.length - PLACES })}</p>
      ) : null}
    </>
  );
}

function versionName(
  t: (key: 'versionMachine' | 'versionEdit' | 'versionRestore') => string,
  version: Version,
): string {
  if (version.label) return version.label;
  return t(
    version.kind === 'machine' ? 'versionMachine' : version.kind === 'restore' ? 'versionRestore' : 'versionEdit',
  );
}

export function VersionsDialog({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['versions', jobId], queryFn: () => listVersions(jobId), staleTime: 0 });
  const [chosen, setChosen] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const list = [...(query.data ?? [])].sort((a, b) => b.version - a.version);
  const selected = chosen ?? list[0]?.version ?? null;
  const act = async (work: () => Promise<void>, done: string): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await session.pump();
      if (!session.saved) throw new Error(t('saveFirst'));
      await work();
      session.refresh();
      await client.invalidateQueries({ queryKey: ['versions', jobId] });
      toast(done);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t('versions')}
      footer={
        <>
          <Button busy={busy} onClick={() => void act(() => keepVersion(jobId), t('versionKept'))}>
            {t('keepVersion')}
          </Button>
          <Button
            look="primary"
            icon="history"
            busy={busy}
            disabled={selected === null}
            onClick={() => selected !== null && void act(() => restoreVersion(jobId, selected), t('restored'))}
          >
            {t('restore')}
          </Button>
        </>
      }
    >
      {error ? <ErrorPanel title={t('versionsFailed')} error={error} /> : null}
      {query.isPending ? <Spinner /> : null}
      {query.error ? (
        <ErrorPanel title={t('versionsFailed')} error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      <div className="grid gap-5 sm:grid-cols-[14rem_1fr]">
        <ul className="flex flex-col gap-0.5">
          {list.map((version) => (
            <li key={version.version}>
              <button
                type="button"
                aria-pressed={version.version === selected}
                onClick={() => setChosen(version.version)}
                className={cx(
                  'w-full rounded-lg px-3 py-2 text-start hover:bg-sunken',
                  version.version === selected && 'bg-sunken',
                )}
              >
                <bdi className="block truncate font-medium">{versionName(t, version)}</bdi>
                <span className="figures block text-xs text-soft">
                  {formatDateTime(version.created_at)} · {t('words', { count: version.words })}
                </span>
                {version.author ? <bdi className="block truncate text-xs text-soft">{version.author}</bdi> : null}
              </button>
            </li>
          ))}
        </ul>
        <div className="min-w-0">{selected === null ? null : <Differences jobId={jobId} version={selected} />}</div>
      </div>
    </Dialog>
  );
}
