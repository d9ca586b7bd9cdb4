import { useSyncExternalStore } from 'react';
import { queryClient } from '../api/queries';
import { ApiProblem } from '../api/problem';
import { useMessages } from '../i18n/messages';
import { Icon } from '../ui/Icon';
import { appText } from './text';

// True while the last finished request of any kind got no answer.
let away = false;
const listeners = new Set<() => void>();

function set(next: boolean) {
  if (away === next) return;
  away = next;
  for (const listener of listeners) listener();
}
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated') return;
  if (event.action.type === 'success') set(false);
  if (event.action.type === 'error' || event.action.type === 'failed') {
    const error = event.action.error as unknown;
    set(error instanceof ApiProblem && error.offline);
  }
});

export function ConnectionBanner() {
  const t = useMessages(appText);
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => away,
  );
  return (
    <div role="status" className="sticky top-0 z-20">
      {shown ? (
        <p className="flex items-center gap-2 border-b border-warn/30 bg-warn-wash px-4 py-2.5 text-sm text-warn sm:px-8">
          <Icon name="alert" className="size-4.5" />
          {t('offline')}
        </p>
      ) : null}
    </div>
  );
}
