// Lets those in who may see the app; others see where to begin.
import { useQuery } from '@tanstack/react-query';
import { Navigate, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { meQuery, setupQuery } from '../api/queries';
import { useMessages } from '../i18n/messages';
import { Spinner } from '../ui/Button';
import { ErrorPanel } from '../ui/ErrorPanel';
import { appText } from './text';

export function Gate({ children }: { children: ReactNode }) {
  const t = useMessages(appText);
  const me = useQuery(meQuery);
  const setup = useQuery({ ...setupQuery, enabled: me.data === null });
  const here = useRouterState({ select: (state) => state.location.href });
  if (me.data?.must_change_password) return <Navigate to="/change-password" replace />;
  if (me.data) return children;
  // While the login page is still being fetched, this gate stands and must not send there again.
  const leaving = /^\/(login|setup)/.test(here);
  if (me.data === null && setup.data && !leaving) {
    return setup.data.awaits_setup ? <Navigate to="/setup" replace /> : <Navigate to="/login" search={{ next: here === '/' ? undefined : here }} replace />;
  }
  // A server too old or too busy to say: signing in is right for all but the first visit.
  if (me.data === null && setup.isError && !leaving) return <Navigate to="/login" replace />;
  if (me.isError) {
    return (
      <div className="mx-auto max-w-xl px-4 py-16">
        <ErrorPanel title={t('offline')} error={me.error} onRetry={() => void me.refetch()} />
      </div>
    );
  }
  return (
    <div className="grid min-h-dvh place-items-center text-soft" role="status">
      <Spinner className="size-6" />
      <span className="sr-only">{t('loading')}</span>
    </div>
  );
}
