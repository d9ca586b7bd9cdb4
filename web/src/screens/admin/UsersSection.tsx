import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useDeferredValue, useMemo, useState } from 'react';
import { api, request } from '../../api/client';
import { failureOf, meQuery, queryClient, type User } from '../../api/queries';
import { formatAgo } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button, IconButton } from '../../ui/Button';
import { type Columns, DataTable } from '../../ui/DataTable';
import { ConfirmDialog, Dialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { SelectField, TextField } from '../../ui/Field';
import { Loading } from '../../ui/Loading';
import { Menu, MenuItem, MenuLine } from '../../ui/Menu';
import { Snippet } from '../../ui/Snippet';
import { toast } from '../../ui/Toast';
import { Pager } from './Pager';
import { QuotaDialog } from './QuotaDialog';
import { adminText } from './text';

const usersKey = ['admin', 'users'];
/** On one page; beyond that there are pages and a search. */
const size = 100;
const none: User[] = [];

export function UsersSection() {
  const t = useMessages(adminText);
  const [skip, setSkip] = useState(0);
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed.trim());
  const users = useQuery({
    queryKey: [...usersKey, 'page', skip, search],
    queryFn: () => api.get('/users', { query: { skip, limit: size, search } }),
    placeholderData: (before) => before,
  });
  const me = useQuery(meQuery).data;
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<{ name: string; password: string } | null>(null);
  const [limited, setLimited] = useState<User | null>(null);
  const [doomed, setDoomed] = useState<User | null>(null);
  const [busy, setBusy] = useState(false);

  const attempt = async (act: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await act();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { tone: 'danger' });
    } finally {
      await queryClient.invalidateQueries({ queryKey: usersKey });
      setBusy(false);
    }
  };
  const columns = useMemo<Columns<User>>(() => {
    const path = (user: User) => ({ path: { user_id: user.id } });
    const change = (user: User, json: { role?: 'admin' | 'user'; is_active?: boolean }) => void attempt(() => api.patch('/users/{user_id}', { ...path(user), json }));
    return [
      { accessorKey: 'username', header: t('userName') },
      { accessorKey: 'email', header: t('email') },
      { accessorKey: 'role', header: t('role'), cell: ({ row }) => (row.original.is_admin ? <Badge tone="accent">{t('roleAdmin')}</Badge> : t('roleUser')) },
      { accessorKey: 'is_active', header: t('state'), cell: ({ row }) => (row.original.is_active ? t('active') : <Badge tone="danger">{t('inactive')}</Badge>) },
      { accessorKey: 'last_login_at', header: t('lastLogin'), cell: ({ row }) => (row.original.last_login_at ? formatAgo(row.original.last_login_at) : t('never')) },
      {
        id: 'actions',
        header: () => <span className="sr-only">{t('actionsColumn')}</span>,
        enableSorting: false,
        cell: ({ row: { original: user } }) =>
          user.id === me?.id ? null : (
            <Menu trigger={<IconButton icon="more" label={t('actions', { name: user.username })} />}>
              <MenuItem icon="admin" onSelect={() => change(user, { role: user.is_admin ? 'user' : 'admin' })}>
                {user.is_admin ? t('makeUser') : t('makeAdmin')}
              </MenuItem>
              <MenuItem icon="key" onSelect={() => void attempt(async () => {
                const made = await api.post('/users/{user_id}/reset-password', path(user));
                setSecret({ name: user.username, password: made.one_time_password ?? '' });
              })}>
                {t('resetPassword')}
              </MenuItem>
              <MenuItem icon="disk" onSelect={() => setLimited(user)}>
                {t('quotaMenu')}
              </MenuItem>
              <MenuItem icon={user.is_active ? 'cancel' : 'check'} onSelect={() => change(user, { is_active: !user.is_active })}>
                {user.is_active ? t('lock') : t('unlock')}
              </MenuItem>
              <MenuLine />
              <MenuItem icon="trash" danger onSelect={() => setDoomed(user)}>
                {t('deleteUser')}
              </MenuItem>
            </Menu>
          ),
      },
    ];
  }, [t, me?.id]);

  const failure = failureOf(users);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void users.refetch()} />;
  const shown = users.data?.users ?? none;
  const total = users.data?.total ?? 0;
  return (
    <>
      <div className="mb-3 flex flex-wrap items-end justify-end gap-3">
        {total > size || typed !== '' ? (
          <div className="me-auto w-full max-w-sm">
            <TextField
              label={t('searchUsers')}
              type="search"
              maxLength={200}
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
                setSkip(0);
              }}
            />
          </div>
        ) : null}
        <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
          {t('newUser')}
        </Button>
      </div>
      {!users.data ? (
        <Loading />
      ) : shown.length === 0 ? (
        <EmptyState icon="search" title={t('noUsers')} />
      ) : (
        <DataTable label={t('users')} columns={columns} rows={shown} />
      )}
      <Pager skip={skip} shown={shown.length} total={total} size={size} onSkip={setSkip} />
      <NewUser open={making} onOpenChange={setMaking} onMade={setSecret} />
      <Dialog
        open={secret !== null}
        onOpenChange={() => setSecret(null)}
        title={t('oneTime', { name: secret?.name ?? '' })}
        description={t('oneTimeHint')}
        footer={
          <Button look="primary" onClick={() => setSecret(null)}>
            {t('done')}
          </Button>
        }
      >
        <Snippet text={secret?.password ?? ''} />
      </Dialog>
      {limited ? (
        <QuotaDialog
          user={limited}
          onClose={() => setLimited(null)}
          onChanged={async () => {
            await Promise.all([queryClient.invalidateQueries({ queryKey: usersKey }), queryClient.invalidateQueries({ queryKey: ['admin', 'usage'] })]);
          }}
        />
      ) : null}
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t('deleteUserTitle', { name: doomed?.username ?? '' })}
        description={t('deleteUserHint')}
        action={t('deleteUser')}
        busy={busy}
        onConfirm={() =>
          void attempt(async () => {
            if (doomed) await api.delete('/users/{user_id}', { path: { user_id: doomed.id } });
            setDoomed(null);
          })
        }
      />
    </>
  );
}

function NewUser({ open, onOpenChange, onMade }: { open: boolean; onOpenChange: (open: boolean) => void; onMade: (made: { name: string; password: string }) => void }) {
  const t = useMessages(adminText);
  const [fields, setFields] = useState({ username: '', email: '', role: 'user' as 'user' | 'admin' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const { email, ...rest } = fields;
      const made = (await (await request('post', '/users', { json: email ? { ...rest, email } : rest })).json()) as { one_time_password?: string };
      await queryClient.invalidateQueries({ queryKey: usersKey });
      onOpenChange(false);
      onMade({ name: fields.username, password: made.one_time_password ?? '' });
      setFields({ username: '', email: '', role: 'user' });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('newUser')}
      footer={
        <Button look="primary" type="submit" form="new-user" busy={busy}>
          {t('create')}
        </Button>
      }
    >
      <form id="new-user" className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField label={t('userName')} required minLength={3} maxLength={64} autoComplete="off" value={fields.username} onChange={(e) => setFields({ ...fields, username: e.target.value })} />
        <TextField label={t('email')} type="email" autoComplete="off" value={fields.email} onChange={(e) => setFields({ ...fields, email: e.target.value })} />
        <SelectField label={t('role')} value={fields.role} onChange={(e) => setFields({ ...fields, role: e.target.value === 'admin' ? 'admin' : 'user' })}>
          <option value="user">{t('roleUser')}</option>
          <option value="admin">{t('roleAdmin')}</option>
        </SelectField>
        {error ? <ErrorPanel title={t('createFailed')} error={error} /> : null}
      </form>
    </Dialog>
  );
}
