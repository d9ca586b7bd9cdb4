import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { request } from '../../api/client';
import { failureOf } from '../../api/queries';
import { formatDateTime } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button } from '../../ui/Button';
import { type Columns, DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Loading } from '../../ui/Loading';
import { Pager } from './Pager';
import { adminText } from './text';

interface Entry {
  seq: number;
  timestamp: string;
  event_type: string;
  outcome: string;
  action: string;
  username: string;
  ip_address: string;
}
interface Verdict {
  intact: boolean;
  entries: number;
  broken_seq: number | null;
}
const size = 50;
const none: Entry[] = [];

export function AuditSection() {
  const t = useMessages(adminText);
  const [skip, setSkip] = useState(0);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const list = useQuery({
    queryKey: ['admin', 'audit', skip],
    queryFn: async () => (await (await request('get', '/admin/security/audit-logs', { query: { skip, limit: size } })).json()) as { entries: Entry[]; total: number },
    placeholderData: (before) => before,
  });
  const columns = useMemo<Columns<Entry>>(
    () => [
      { accessorKey: 'timestamp', header: t('time'), cell: ({ row }) => <span className="whitespace-nowrap">{formatDateTime(row.original.timestamp)}</span> },
      { accessorKey: 'event_type', header: t('event') },
      { accessorKey: 'action', header: t('action'), cell: ({ row }) => <code className="font-mono text-xs">{row.original.action}</code> },
      { accessorKey: 'outcome', header: t('outcome'), cell: ({ row }) => <Badge tone={row.original.outcome === 'success' ? 'accent' : 'danger'}>{row.original.outcome}</Badge> },
      { accessorKey: 'username', header: t('userName') },
      { accessorKey: 'ip_address', header: t('address') },
    ],
    [t],
  );
  const verify = async () => {
    setBusy(true);
    setError(null);
    try {
      setVerdict((await (await request('get', '/admin/security/audit-logs/verify')).json()) as Verdict);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const failure = failureOf(list);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void list.refetch()} />;
  const entries = list.data?.entries ?? none;
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-end gap-3">
        <p role="status" className={verdict?.intact === false ? 'text-sm text-danger' : 'text-sm text-accent-strong'}>
          {verdict ? (verdict.intact ? t('verified', { count: verdict.entries }) : t('broken', { seq: verdict.broken_seq ?? 0 })) : null}
        </p>
        <Button icon="admin" busy={busy} onClick={() => void verify()}>
          {t('verify')}
        </Button>
      </div>
      {error ? <ErrorPanel title={t('loadFailed')} error={error} /> : null}
      {!list.data ? (
        <Loading />
      ) : entries.length === 0 ? (
        <EmptyState icon="list" title={t('noEntries')} />
      ) : (
        <DataTable label={t('audit')} columns={columns} rows={entries} />
      )}
      <Pager skip={skip} shown={entries.length} total={list.data?.total ?? 0} size={size} onSkip={setSkip} />
    </>
  );
}
