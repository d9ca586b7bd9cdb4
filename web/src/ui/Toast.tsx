// Short notices at the edge of the window, read out by screen readers. For what went well, or what
// can be undone; failures that need a decision belong in an ErrorPanel.
import * as Radix from '@radix-ui/react-toast';
import { useSyncExternalStore } from 'react';
import { useMessages } from '../i18n/messages';
import { cx } from './cx';
import { Icon } from './Icon';
import { uiText } from './text';

export interface Notice {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  action?: { label: string; run: () => void };
}

let notices: Notice[] = [];
let nextId = 1;
const listeners = new Set<() => void>();
const noticesMax = 4;

function publish(next: Notice[]) {
  notices = next;
  for (const listener of listeners) listener();
}

export function toast(text: string, options: { tone?: 'plain' | 'danger'; action?: Notice['action'] } = {}) {
  const notice: Notice = { id: nextId++, text, tone: options.tone ?? 'plain', action: options.action };
  publish([...notices, notice].slice(-noticesMax));
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const t = useMessages(uiText);
  const shown = useSyncExternalStore(subscribe, () => notices);
  const remove = (id: number) => publish(notices.filter((notice) => notice.id !== id));
  return (
    <Radix.Provider label={t('notice')} duration={6000}>
      {shown.map((notice) => (
        <Radix.Root
          key={notice.id}
          onOpenChange={(open) => !open && remove(notice.id)}
          className={cx('appear flex items-center gap-3 rounded-lg bg-ink px-4 py-3 text-paper shadow-float', notice.tone === 'danger' && 'border-s-4 border-danger')}
        >
          <Radix.Description className="min-w-0 flex-1 text-sm">{notice.text}</Radix.Description>
          {notice.action ? (
            <Radix.Action asChild altText={notice.action.label}>
              <button type="button" className="min-h-9 rounded-md px-2 text-sm font-semibold underline underline-offset-4" onClick={notice.action.run}>
                {notice.action.label}
              </button>
            </Radix.Action>
          ) : null}
          <Radix.Close aria-label={t('close')} className="grid size-9 place-items-center rounded-md">
            <Icon name="close" className="size-4" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport aria-label={t('notice')} className="fixed end-4 bottom-4 z-60 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 outline-none max-sm:bottom-20" />
    </Radix.Provider>
  );
}
