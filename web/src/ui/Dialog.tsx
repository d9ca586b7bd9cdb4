// A dialog: centred on wide screens, a sheet from below on phones.
import * as Radix from '@radix-ui/react-dialog';
import type { ReactNode } from 'react';
import { useMessages } from '../i18n/messages';
import { Button, IconButton } from './Button';
import { cx } from './cx';
import { uiText } from './text';

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
  footer?: ReactNode;
}

/**
 * Who opened a dialog to fill something in begins there and not at its first button. On a touch
 * screen that would bring the keyboard up over what is to be read first.
 */
function beginAtField(event: Event) {
  const dialog = event.currentTarget as HTMLElement | null;
  const field = dialog?.querySelector<HTMLElement>('input:not([type=hidden]), select, textarea');
  if (!field || !matchMedia('(hover: hover)').matches) return;
  event.preventDefault();
  field.focus();
}

export function Dialog({ open, onOpenChange, title, description, wide, children, footer }: Props) {
  const t = useMessages(uiText);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-ink/35 dark:bg-paper/70" />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={beginAtField}
          className={cx(
            'card appear fixed inset-x-0 bottom-0 z-50 flex max-h-[88dvh] flex-col rounded-b-none shadow-float',
            'sm:inset-x-auto sm:bottom-auto sm:start-1/2 sm:top-1/2 sm:-translate-y-1/2 sm:-translate-x-1/2 sm:rtl:translate-x-1/2 sm:rounded-b-[var(--radius-card)]',
            wide ? 'sm:w-[min(46rem,calc(100vw-3rem))]' : 'sm:w-[min(30rem,calc(100vw-3rem))]',
          )}
        >
          <div className="flex items-start gap-4 px-6 pt-5 pb-2">
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-serif text-xl font-semibold">{title}</Radix.Title>
              {description ? <Radix.Description className="mt-1 text-soft">{description}</Radix.Description> : null}
            </div>
            <Radix.Close asChild>
              <IconButton icon="close" label={t('close')} className="-me-2 -mt-1" />
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-6 py-3">{children}</div>
          {footer ? (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line px-6 py-4 max-sm:*:flex-1">{footer}</div>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  action: string;
  busy?: boolean;
  onConfirm: () => void;
}

/** The second step before something that cannot be undone. */
export function ConfirmDialog({ open, onOpenChange, title, description, action, busy, onConfirm }: ConfirmProps) {
  const t = useMessages(uiText);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t('keep')}</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    />
  );
}
