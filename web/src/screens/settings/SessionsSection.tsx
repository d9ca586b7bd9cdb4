import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, request } from '../../api/client';
import { failureOf, queryClient } from '../../api/queries';
import { forgetPerson } from '../../app/session';
import { formatAgo } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { Loading } from '../../ui/Loading';
import { Section } from '../../ui/Section';
import { toast } from '../../ui/Toast';
import { settingsText } from './text';

interface Session {
  id: string;
  current: boolean;
  last_seen_at: string | null;
  created_at: string | null;
  address: string;
  user_agent: string;
}

/** "Mozilla/5.0 (X11; Linux x86_64) ... Chrome/126.0" -> "Chrome 126, Linux" */
export function deviceName(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(agent);
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' };
  // Later names are more exact: Edge calls itself Chrome as well.
  const exact = /(Edg|OPR)\/(\d+)/.exec(agent) ?? browser;
  const system = /Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux/.exec(agent)?.[0] ?? '';
  if (!exact) return agent.slice(0, 60) || '–';
  const name = names[exact[1] ?? ''] ?? exact[1];
  return [`${name} ${exact[2]}`, system === 'Mac OS X' ? 'macOS' : system].filter(Boolean).join(', ');
}

const sessionsQuery = {
  queryKey: ['sessions'],
  queryFn: async () => ((await (await request('get', '/auth/sessions')).json()) as { sessions: Session[] }).sessions,
};

export function SessionsSection() {
  const t = useMessages(settingsText);
  const list = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const end = async (session: Session) => {
    await api.delete('/auth/sessions/{session_id}', { path: { session_id: session.id } });
    toast(t('sessionEnded'));
    await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  const endAll = async () => {
    setBusy(true);
    await api.delete('/auth/sessions').catch(() => undefined);
    await forgetPerson();
  };
  const failure = failureOf(list);
  if (failure) return <ErrorPanel title={t('loadFailed')} error={failure} onRetry={() => void list.refetch()} />;
  return (
    <Section
      title={t('sessions')}
      actions={
        <Button look="danger" onClick={() => setAsking(true)}>
          {t('endOthers')}
        </Button>
      }
    >
      {list.data ? null : <Loading />}
      <ul className="divide-y divide-line">
        {list.data?.map((session) => (
          <li key={session.id} className="flex items-center gap-3 py-3">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2 text-sm font-medium">
                <span className="truncate" title={session.user_agent}>
                  {deviceName(session.user_agent)}
                </span>
                {session.current ? <Badge tone="accent">{t('current')}</Badge> : null}
              </p>
              <p className="text-sm text-soft">
                {session.address}
                {session.last_seen_at ? ` · ${t('lastSeen', { ago: formatAgo(session.last_seen_at) })}` : ''}
              </p>
            </div>
            {session.current ? null : <Button onClick={() => void end(session)}>{t('endSession')}</Button>}
          </li>
        ))}
      </ul>
      <ConfirmDialog open={asking} onOpenChange={setAsking} title={t('endOthersTitle')} description={t('endOthersHint')} action={t('endOthers')} busy={busy} onConfirm={() => void endAll()} />
    </Section>
  );
}
