// Lets those in who may see the app; others see where to begin.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { meQuery } from '../api/queries';
import { useMessages } from '../i18n/messages';
import { Spinner } from '../ui/Button';
import { ErrorPanel } from '../ui/ErrorPanel';
import { appText } from './text';

export function Gate({ children }: { children: ReactNode }) {
  const t = useMessages(appText);
  const me = useQuery(meQuery);
  if (me.data) return children;
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
