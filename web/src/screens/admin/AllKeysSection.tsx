// The API keys of everybody: who has which, and switching one off, for a while or for good.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '../../api/client';
import { failureOf, queryClient } from '../../api/queries';
import type { components } from '../../api/schema';
import { formatAgo, formatDate } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, IconButton } from '../../ui/Button';
import { type Columns, DataTable } from '../../ui/DataTable';
import { ConfirmDialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Loading } from '../../ui/Loading';
import { Menu, MenuItem } from '../../ui/Menu';
import { toast } from '../../ui/Toast';
import { Pager } from './Pager';
import { adminText } from './text';
import { useUserNames } from './userNames';

type Key = components['schemas']['ApiKey'];
const size = 50;
const none: Key[] = [];

export function AllKeysSection() {
  const t = useMessages(adminText);
  const [skip, setSkip] = useState(0);
  const [doomed, setDoomed] = useState<Key | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const list = useQuery({
    queryKey: ['admin', 'keys', skip],
    queryFn: () => api.get('/admin/api-keys', { query: { skip, limit: size } }),
    placeholderData: (before) => before,
  });
  const names = useUserNames();
  const change = async (key: Key, what: 'suspend' | 'unsuspend' | 'revoke') => {
    setBusy(true);
    setError(null);
    try {
      await api.post(`/admin/api-keys/{key_id}/${what}`, { path: { key_id: key.id } });
      await queryClient.invalidateQueries({ queryKey: ['admin', 'keys'] });
      toast(t('applied'));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
      setDoomed(null);
    }
  };
  const columns = useMemo<Columns<Key>>(
    () => [
      {
        accessorKey: 'name',
        header: t('key'),
        cell: ({ row: { original: key } }) => (
          <>
            <span className="font-medium">{key.name}</span>
            <code className="block font-mono text-xs text-soft">{key.prefix}…</code>
          </>
        ),
      },
      { id: 'owner', accessorFn: (key) => names.get(key.user_id ?? '') ?? key.user_id ?? '', header: t('owner') },
      { id: 'rights', accessorFn: (key) => key.permissions.join(', '), header: t('rights') },
      { accessorKey: 'status', header: t('state'), cell: ({ row }) => <Badge tone={row.original.status === 'active' ? 'accent' : row.original.status === 'suspended' ? 'warn' : 'plain'}>{t(`key_${row.original.status}`)}</Badge> },
      { accessorKey: 'last_used_at', header: t('lastUsed'), cell: ({ row }) => (row.original.last_used_at ? formatAgo(row.original.last_used_at) : t('never')) },
      { accessorKey: 'expires_at', header: t('expires'), cell: ({ row }) => (row.original.expires_at ? formatDate(row.original.expires_at) : t('never')) },
      {
        id: 'actions',
        enableSorting: false,
        header: () => <span className="sr-only">{t('actionsColumn')}</span>,
        cell: ({ row: { original: key } }) =>
          key.status === 'active' || key.status === 'suspended' ? (
            <Menu trigger={<IconButton icon="more" label={t('actions', { name: key.name })} />}>
              {key.status === 'active' ? (
                <MenuItem icon="pause" onSelect={() => void change(key, 'suspend')}>
                  {t('suspend')}
                </MenuItem>
              ) : (
                <MenuItem icon="play" onSelect={() => void change(key, 'unsuspend')}>
                  {t('unsuspend')}
                </MenuItem>
              )}
              <MenuItem icon="trash" danger onSelect={() => setDoomed(key)}>
                {t('revoke')}
              </MenuItem>
            </Menu>
          ) : null,
      },
    ],
    [names, t],
  );
  const failure = failureOf(list);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void list.refetch()} />;
  const keys = list.data?.keys ?? none;
  return (
    <>
      <p className="mb-3 text-sm text-soft">{t('allKeysHint')}</p>
      {error ? <ErrorPanel title={t('applyFailed')} error={error} /> : null}
      {!list.data ? <Loading /> : keys.length === 0 ? <EmptyState icon="key" title={t('noKeys')} /> : <DataTable label={t('keys')} columns={columns} rows={keys} />}
      <Pager skip={skip} shown={keys.length} total={list.data?.total ?? 0} size={size} onSkip={setSkip} />
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t('revokeTitle', { name: doomed?.name ?? '' })}
        description={t('revokeHint')}
        action={t('revoke')}
        busy={busy}
        onConfirm={() => doomed && void change(doomed, 'revoke')}
      />
    </>
  );
}
