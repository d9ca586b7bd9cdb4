// The models: what is installed, what suits this machine, fetching and removing them.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { request } from '../../api/client';
import { failureOf, queryClient } from '../../api/queries';
import { formatAgo, formatBytes, formatLength, formatNumber } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button, IconButton, Spinner } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { FactLine } from '../../ui/FactLine';
import { Loading } from '../../ui/Loading';
import { Progress } from '../../ui/Progress';
import { toast } from '../../ui/Toast';
import { ModelDrop } from './ModelDrop';
import { instructionSet, type Helper, listQuery, type Model, isGoing, hardwareQuery, refetchModels, useMeasure } from './state';
import { modelsText } from './text';

export function HardwareLine() {
  const t = useMessages(modelsText);
  const hardware = useQuery(hardwareQuery).data;
  if (!hardware) return null;
  return (
    <p className="text-soft">
      {t('hardware', { cores: hardware.cores, memory: formatBytes(hardware.memory_bytes), sets: instructionSet(hardware.instruction_sets ?? []) })}
    </p>
  );
}

/**
 * `brief`: what is installed and what is recommended; the others one click away. The speed of the
 * model that will be used is then measured without being asked for.
 */
export function ModelList({ brief = false }: { brief?: boolean }) {
  const t = useMessages(modelsText);
  const hardware = useQuery(hardwareQuery).data;
  const list = useQuery(listQuery);
  const [all, setAll] = useState(!brief);
  const [doomed, setDoomed] = useState<Model | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { measuring, measure, failed } = useMeasure();
  const first = useRef(true);
  const used = list.data?.models.find((model) => model.installed && model.default);
  useEffect(() => {
    if (!brief || !used || used.speed || !first.current) return;
    first.current = false;
    void measure(used.name);
  }, [brief, used, measure]);
  const installed = list.data?.models.filter((model) => model.installed).length;
  useEffect(() => {
    // What was fetched can be used on every screen.
    if (installed !== undefined) for (const queryKey of [['models', 'usable'], ['readiness']]) void queryClient.invalidateQueries({ queryKey });
  }, [installed]);
  const failure = failureOf(list);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Loading />;
  const fits = new Map(hardware?.models.map((model) => [model.name, model.fits]));
  const recommended = hardware?.recommended.model;
  // What matters here comes first; the rest stays in the server's order, best first.
  const rank = (model: Model) => (model.installed ? 0 : model.name === recommended || isGoing(model) ? 1 : 2);
  const models = [...list.data.models].sort((a, b) => rank(a) - rank(b));
  const near = models.filter((model) => rank(model) < 2);
  const others = models.filter((model) => rank(model) === 2);
  const change = async (method: 'post' | 'delete', path: '/admin/models/{model}/download' | '/admin/models/{model}', model: { name: string }) => {
    setBusy(true);
    setError(null);
    try {
      await request(method, path, { path: { model: model.name } });
    } catch (failure) {
      setError(failure);
    } finally {
      await refetchModels();
      setBusy(false);
    }
  };
  const row = (model: Model) => (
    <ModelRow
      key={model.name}
      model={model}
      fits={fits.get(model.name) ?? null}
      recommended={model.name === recommended}
      keep={brief}
      measuring={measuring === model.name}
      onMeasure={measuring === null ? () => void measure(model.name) : null}
      onFetch={() => void change('post', '/admin/models/{model}/download', model)}
      onStop={() => void change('delete', '/admin/models/{model}/download', model)}
      onRemove={() => setDoomed(model)}
    />
  );
  return (
    <div className="flex flex-col gap-3">
      {error ? <ErrorPanel title={t('changeFailed')} error={error} /> : null}
      {failed ? <ErrorPanel title={t('measureFailed')} error={failed} /> : null}
      <ul className="divide-y divide-line">
        {near.map(row)}
        {list.data.helpers.map((helper) => (
          <HelperRow
            key={helper.name}
            helper={helper}
            onFetch={() => void change('post', '/admin/models/{model}/download', helper)}
            onStop={() => void change('delete', '/admin/models/{model}/download', helper)}
          />
        ))}
      </ul>
      <ModelDrop taken={list.data.models.filter((model) => model.installed).map((model) => model.name)} />
      {all ? (
        <ul className="divide-y divide-line">{others.map(row)}</ul>
      ) : (
        <Button look="quiet" className="-ms-3.5 self-start" onClick={() => setAll(true)}>
          {t('more')}
        </Button>
      )}
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t('removeTitle', { name: doomed?.name ?? '' })}
        description={t('removeHint')}
        action={t('removeAction')}
        busy={busy}
        onConfirm={() =>
          void (async () => {
            if (doomed) await change('delete', '/admin/models/{model}', doomed);
            setDoomed(null);
            toast(t('removed'));
          })()
        }
      />
    </div>
  );
}

interface RowProps {
  model: Model;
  fits: boolean | null;
  recommended: boolean;
  /** Not offered for removal. */
  keep: boolean;
  measuring: boolean;
  /** null: another one is being measured. */
  onMeasure: (() => void) | null;
  onFetch: () => void;
  onStop: () => void;
  onRemove: () => void;
}

/** How fast a model is on this machine: measured, or that it has not been yet. */
function Speed({ model, measuring, onMeasure }: { model: Model; measuring: boolean; onMeasure: (() => void) | null }) {
  const t = useMessages(modelsText);
  const { speed } = model;
  if (measuring) {
    return (
      <p role="status" className="flex items-center gap-2 text-sm text-soft">
        <Spinner className="size-3.5" />
        {t('measuring')}
      </p>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm">
      {speed ? (
        <span className="figures" title={t('measuredHow', { audio: formatLength(speed.audio_seconds), seconds: formatNumber(speed.seconds, 1), ago: formatAgo(speed.measured_at) })}>
          <strong className="font-semibold text-accent-strong">{t('speed', { times: formatNumber(speed.times, speed.times < 10 ? 1 : 0) })}</strong>{' '}
          <span className="text-soft">{t('hourTakes', { length: formatLength(3_600 / Math.max(speed.times, 0.01)) })}</span>
        </span>
      ) : (
        <span className="text-soft">{t('notMeasured')}</span>
      )}
      {onMeasure ? (
        <button
          type="button"
          className="min-h-6 rounded font-medium text-accent-strong underline underline-offset-4"
          onClick={onMeasure}
        >
          {speed ? t('measureAgain') : t('measure')}
          <span className="sr-only">: {model.name}</span>
        </button>
      ) : null}
    </p>
  );
}

function Fetching({ name, download, bytes }: { name: string; download: NonNullable<Model['download']>; bytes: number }) {
  const t = useMessages(modelsText);
  return (
    <div className="mt-2">
      <Progress value={download.bytes_total ? (100 * (download.bytes_done ?? 0)) / download.bytes_total : null} label={name} />
      <p className="figures mt-1 text-xs text-soft">
        {download.state === 'queued' ? t('queued') : t('fetching', { done: formatBytes(download.bytes_done ?? 0), total: formatBytes(download.bytes_total ?? bytes) })}
      </p>
    </div>
  );
}

/** What transcription uses beside the model of the speech: said by what it does. */
export function HelperRow({ helper, onFetch, onStop }: { helper: Helper; onFetch: () => void; onStop: () => void }) {
  const t = useMessages(modelsText);
  const { download } = helper;
  return (
    <li className="py-3">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {t(helper.kind)}
            {helper.installed ? <Badge tone="accent">{t('installed')}</Badge> : null}
          </p>
          <p className="figures text-sm text-soft">
            <FactLine facts={[t(`${helper.kind}Hint`), helper.installed ? null : t('size', { size: formatBytes(helper.bytes) })]} />
          </p>
        </div>
        {isGoing(helper) ? (
          <IconButton icon="pause" label={t('stop', { name: helper.name })} onClick={onStop} />
        ) : helper.installed ? null : (
          <Button icon="download" aria-label={t('fetchModel', { name: helper.name })} onClick={onFetch}>
            <span className="max-sm:sr-only">{download?.state === 'cancelled' ? t('resume') : t('fetch')}</span>
          </Button>
        )}
      </div>
      {isGoing(helper) && download ? <Fetching name={helper.name} download={download} bytes={helper.bytes} /> : null}
      {download?.state === 'failed' ? (
        <div className="mt-2">
          <ErrorPanel title={t('failed', { name: helper.name })} error={new Error(download.message || helper.name)} consequence={t('failedConsequence')} next={t('failedNext')} onRetry={onFetch} report={{ model: helper.name, bytes_done: download.bytes_done }} />
        </div>
      ) : null}
    </li>
  );
}

function ModelRow({ model, fits, recommended, keep, measuring, onMeasure, onFetch, onStop, onRemove }: RowProps) {
  const t = useMessages(modelsText);
  const { name, download } = model;
  const going = isGoing(model);
  const facts = [
    t(model.installed ? 'sizeInstalled' : 'size', { size: formatBytes(model.bytes) }),
    model.memory_bytes ? t('memory', { memory: formatBytes(model.memory_bytes) }) : null,
    model.languages === 1 ? t('english') : model.languages ? t('languages', { count: model.languages }) : null,
    model.translates === false ? t('noTranslation') : null,
  ].filter(Boolean);
  return (
    <li className="py-3">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {name}
            {model.installed ? <Badge tone="accent">{t('installed')}</Badge> : null}
            {model.default ? <Badge>{t('default')}</Badge> : null}
            {recommended ? <Badge tone="warn">{t('recommended')}</Badge> : null}
          </p>
          <p className="figures text-sm text-soft"><FactLine facts={facts} /></p>
          {model.installed ? <Speed model={model} measuring={measuring} onMeasure={onMeasure} /> : recommended ? <p className="text-sm text-soft">{t('willMeasure')}</p> : null}
          {fits === false && !model.installed ? <p className="text-sm text-warn">{t('tooLarge')}</p> : null}
        </div>
        {going ? (
          <IconButton icon="pause" label={t('stop', { name })} onClick={onStop} />
        ) : model.installed && keep ? null : model.installed ? (
          <IconButton icon="trash" label={t('remove', { name })} onClick={onRemove} />
        ) : (
          <Button look={recommended ? 'primary' : 'secondary'} icon="download" aria-label={t('fetchModel', { name })} disabled={fits === false} onClick={onFetch}>
            <span className="max-sm:sr-only">{download?.state === 'cancelled' ? t('resume') : t('fetch')}</span>
          </Button>
        )}
      </div>
      {going && download ? <Fetching name={name} download={download} bytes={model.bytes} /> : null}
      {download?.state === 'failed' ? (
        <div className="mt-2">
          <ErrorPanel title={t('failed', { name })} error={new Error(download.message || name)} consequence={t('failedConsequence')} next={t('failedNext')} onRetry={onFetch} report={{ model: name, bytes_done: download.bytes_done }} />
        </div>
      ) : null}
    </li>
  );
}
