// Telling speakers apart needs a model of its own: where it is missing, how to get it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { request } from '../../api/client';
import { meQuery } from '../../api/queries';
import { formatBytes } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Icon } from '../../ui/Icon';
import { Progress } from '../../ui/Progress';
import { hardwareQuery, isGoing, listQuery, refetchModels } from '../models/state';
import { newText } from './text';

const ofSpeakers = ({ kind }: { kind: string }) => kind === 'speakers';

export function SpeakerModel() {
  const t = useMessages(newText);
  const admin = useQuery(meQuery).data?.is_admin === true;
  const known = useQuery(hardwareQuery).data?.helpers?.find(ofSpeakers);
  const missing = known?.installed === false;
  const helper = useQuery({ ...listQuery, enabled: missing && admin }).data?.helpers.find(ofSpeakers);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const there = helper?.installed === true;
  useEffect(() => {
    // The list that everybody may see hears of it now.
    if (missing && there) void refetchModels();
  }, [missing, there]);
  if (!missing || there) return null;
  const fetchIt = async () => {
    setBusy(true);
    setError(null);
    try {
      await request('post', '/admin/models/{model}/download', { path: { model: known.name } });
    } catch (failure) {
      setError(failure);
    } finally {
      await refetchModels();
      setBusy(false);
    }
  };
  const download = helper?.download;
  const wrong = error ?? (download?.state === 'failed' ? new Error(download.message || known.name) : null);
  return (
    <div role="status" className="flex flex-col gap-3 rounded-lg bg-warn-wash p-4 text-sm">
      <p className="flex gap-2">
        <Icon name="alert" className="mt-0.5 size-4.5 shrink-0 text-warn" />
        <span>{t(admin ? 'speakersMissing' : 'speakersMissingAsk', { size: formatBytes(known.bytes) })}</span>
      </p>
      {helper && isGoing(helper) ? (
        <div>
          <Progress value={download?.bytes_total ? (100 * (download.bytes_done ?? 0)) / download.bytes_total : null} label={t('speakersFetching')} />
          <p className="figures mt-1 text-xs">{t('speakersFetching')}</p>
        </div>
      ) : admin ? (
        <Button icon="download" busy={busy} className="self-start" onClick={() => void fetchIt()}>
          {t('speakersFetch')}
        </Button>
      ) : null}
      {wrong ? <ErrorPanel title={t('speakersFetchFailed')} error={wrong} next={t('speakersFetchNext')} /> : null}
    </div>
  );
}
