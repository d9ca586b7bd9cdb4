// The models: what is installed, what suits this machine, fetching and removing them.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, request } from '../../api/client';
import { failureOf, queryClient } from '../../api/queries';
import type { components } from '../../api/schema';
import { formatBytes } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button, IconButton } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Loading } from '../../ui/Loading';
import { Progress } from '../../ui/Progress';
import { toast } from '../../ui/Toast';
import { modelsText } from './text';

type Hardware = components['schemas']['Hardware'];
type ModelInfo = components['schemas']['ModelInfo'];
type Download = components['schemas']['ModelDownload'];
type Model = Omit<ModelInfo, 'download'> & { download?: Download | null };

const isGoing = (model: Model) => model.download?.state === 'queued' || model.download?.state === 'running';

export const hardwareQuery = { queryKey: ['hardware'], queryFn: (): Promise<Hardware> => api.get('/system/hardware'), staleTime: 300_000 };
const listQuery = {
  queryKey: ['models', 'all'],
  queryFn: async () => ((await (await request('get', '/admin/models')).json()) as { models: Model[] }).models,
  // Every two seconds while something is fetched, else not at all.
  refetchInterval: (query: { state: { data?: Model[] } }) => (query.state.data?.some(isGoing) ? 2_000 : false),
};

export function HardwareLine() {
  const t = useMessages(modelsText);
  const hardware = useQuery(hardwareQuery).data;
  if (!hardware) return null;
  return (
    <p className="text-soft">
      {t('hardware', { cores: hardware.cores, memory: formatBytes(hardware.memory_bytes), sets: hardware.instruction_sets?.at(-1) ?? '' })}
    </p>
  );
}

/** `brief`: what is installed and what is recommended; the others one click away. */
export function ModelList({ brief = false }: { brief?: boolean }) {
  const t = useMessages(modelsText);
  const hardware = useQuery(hardwareQuery).data;
  const list = useQuery(listQuery);
  const [all, setAll] = useState(!brief);
  const [doomed, setDoomed] = useState<Model | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const failure = failureOf(list);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Loading />;
  const fits = new Map(hardware?.models.map((model) => [model.name, model.fits]));
  const recommended = hardware?.recommended.model;
  // What matters here comes first; the rest stays in the server's order, best first.
  const rank = (model: Model) => (model.installed ? 0 : model.name === recommended || isGoing(model) ? 1 : 2);
  const models = list.data.filter((model) => all || rank(model) < 2).sort((a, b) => rank(a) - rank(b));
  const change = async (method: 'post' | 'delete', path: '/admin/models/{model}/download' | '/admin/models/{model}', model: Model) => {
    setBusy(true);
    setError(null);
    try {
      await request(method, path, { path: { model: model.name } });
    } catch (failure) {
      setError(failure);
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['models'] });
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-3">
      {error ? <ErrorPanel title={t('loadFailed')} error={error} /> : null}
      <ul className="divide-y divide-line">
        {models.map((model) => (
          <ModelRow
            key={model.name}
            model={model}
            fits={fits.get(model.name) ?? null}
            recommended={model.name === recommended}
            onFetch={() => void change('post', '/admin/models/{model}/download', model)}
            onStop={() => void change('delete', '/admin/models/{model}/download', model)}
            onRemove={() => setDoomed(model)}
          />
        ))}
      </ul>
      {all ? null : (
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
  onFetch: () => void;
  onStop: () => void;
  onRemove: () => void;
}

function ModelRow({ model, fits, recommended, onFetch, onStop, onRemove }: RowProps) {
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
          <p className="figures text-sm text-soft">{facts.join(' · ')}</p>
          {fits === false && !model.installed ? <p className="text-sm text-warn">{t('tooLarge')}</p> : null}
        </div>
        {going ? (
          <IconButton icon="pause" label={t('stop', { name })} onClick={onStop} />
        ) : model.installed ? (
          <IconButton icon="trash" label={t('remove', { name })} onClick={onRemove} />
        ) : (
          <Button icon="download" aria-label={t('fetchModel', { name })} disabled={fits === false} onClick={onFetch}>
            {download?.state === 'cancelled' ? t('resume') : t('fetch')}
          </Button>
        )}
      </div>
      {going && download ? (
        <div className="mt-2">
          <Progress value={download.bytes_total ? (100 * (download.bytes_done ?? 0)) / download.bytes_total : null} label={name} />
          <p className="figures mt-1 text-xs text-soft">
            {download.state === 'queued' ? t('queued') : t('fetching', { done: formatBytes(download.bytes_done ?? 0), total: formatBytes(download.bytes_total ?? model.bytes) })}
          </p>
        </div>
      ) : null}
      {download?.state === 'failed' ? (
        <div className="mt-2">
          <ErrorPanel title={t('failed', { name })} error={new Error(download.message || name)} consequence={t('failedConsequence')} next={t('failedNext')} onRetry={onFetch} report={{ model: name, bytes_done: download.bytes_done }} />
        </div>
      ) : null}
    </li>
  );
}
