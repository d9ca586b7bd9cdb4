import { Slot } from '@radix-ui/react-slot';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx';
import { Icon, type IconName } from './Icon';

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger';

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  secondary: 'bg-surface text-ink border-line hover:bg-sunken',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-sunken',
  danger: 'bg-surface text-danger border-line hover:bg-danger-wash',
};

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  icon?: IconName;
  busy?: boolean;
  /** The child element (a link) gets the looks. */
  asChild?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

const base =
  'inline-flex items-center justify-center gap-2 rounded-lg border px-3.5 min-h-10 max-sm:min-h-11 ' +
  'text-sm font-medium whitespace-nowrap max-sm:py-1.5 max-sm:whitespace-normal select-none transition-colors disabled:opacity-50 disabled:pointer-events-none';

export function Button({ look = 'secondary', icon, busy, asChild, className, children, disabled, ...rest }: Props) {
  const classes = cx(base, looks[look], className);
  if (asChild) {
    return (
      <Slot className={classes} {...rest}>
        {children}
      </Slot>
    );
  }
  return (
    <button type="button" className={classes} disabled={disabled || busy} aria-busy={busy || undefined} {...rest}>
      {busy ? <Spinner /> : icon ? <Icon name={icon} className="size-4.5" /> : null}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** What it does; there is no visible text. */
  label: string;
  look?: ButtonLook;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, look = 'quiet', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex size-10 max-sm:size-11 items-center justify-center rounded-lg border transition-colors disabled:opacity-50 disabled:pointer-events-none',
        looks[look],
        className,
      )}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Spinner({ className }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={cx('inline-block size-4 animate-spin rounded-full border-2 border-current border-r-transparent', className)}
    />
  );
}

export function Badge({ tone = 'plain', children }: { tone?: 'plain' | 'accent' | 'warn' | 'danger'; children: ReactNode }) {
  const tones = {
    plain: 'bg-sunken text-soft',
    accent: 'bg-accent-wash text-accent-strong',
    warn: 'bg-warn-wash text-warn',
    danger: 'bg-danger-wash text-danger',
  };
  return (
    <span className={cx('inline-flex items-center gap-1 rounded-md px-1.5 py-0.5 text-xs font-medium whitespace-nowrap', tones[tone])}>
      {children}
    </span>
  );
}
