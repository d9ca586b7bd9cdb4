import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId, useState } from 'react';
import * as RadixSwitch from '@radix-ui/react-switch';
import { useMessages } from '../i18n/messages';
import { cx } from './cx';
import { Icon } from './Icon';
import { uiText } from './text';

const control =
  'w-full min-h-10 max-sm:min-h-11 max-sm:text-base rounded-lg border border-line-strong bg-surface px-3 text-ink ' +
  'aria-[invalid=true]:border-danger disabled:opacity-60';

interface Shared {
  label: string;
  hint?: ReactNode;
  error?: string | null;
}

function Frame({ id, label, hint, error, children }: Shared & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-error`} className="flex gap-1.5 text-sm text-danger">
          <Icon name="alert" className="mt-0.5 size-4" />
          {error}
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function described(id: string, hint: ReactNode, error?: string | null) {
  return error ? `${id}-error` : hint ? `${id}-hint` : undefined;
}

export function TextField({ label, hint, error, className, ref, ...rest }: Shared & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input ref={ref} id={id} className={cx(control, className)} aria-invalid={error ? true : undefined} aria-describedby={described(id, hint, error)} {...rest} />
    </Frame>
  );
}

export function TextArea({ label, hint, error, className, ...rest }: Shared & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea id={id} dir="auto" className={cx(control, 'py-2', className)} aria-invalid={error ? true : undefined} aria-describedby={described(id, hint, error)} {...rest} />
    </Frame>
  );
}

export function PasswordField({ label, hint, error, ...rest }: Shared & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const t = useMessages(uiText);
  const [shown, setShown] = useState(false);
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <div className="relative">
        <input id={id} type={shown ? 'text' : 'password'} className={cx(control, 'pe-12')} aria-invalid={error ? true : undefined} aria-describedby={described(id, hint, error)} {...rest} />
        <button
          type="button"
          className="absolute inset-y-0 end-0 grid w-11 place-items-center rounded-lg text-soft hover:text-ink"
          aria-label={shown ? t('hidePassword') : t('showPassword')}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          <Icon name={shown ? 'eyeOff' : 'eye'} />
        </button>
      </div>
    </Frame>
  );
}

/** The browser's own list, which phones show as they do, with our mark at its end. */
export function SelectBox({ className, frame, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement> & { frame?: string }) {
  return (
    <span className={cx('relative block min-w-0', frame)}>
      <select className={cx('w-full appearance-none pe-9', className)} {...rest}>
        {children}
      </select>
      <Icon name="chevron" className="pointer-events-none absolute end-3 top-1/2 size-4 -translate-y-1/2 text-soft" />
    </span>
  );
}

export function SelectField({ label, hint, error, children, className, ...rest }: Shared & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <SelectBox id={id} className={cx(control, className)} aria-describedby={described(id, hint, error)} {...rest}>
        {children}
      </SelectBox>
    </Frame>
  );
}

export function Switch({ label, hint, checked, onChange, disabled }: { label: string; hint?: ReactNode; checked: boolean; onChange: (on: boolean) => void; disabled?: boolean }) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-6 py-1">
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {hint ? (
          <p id={`${id}-hint`} className="text-sm text-soft">
            {hint}
          </p>
        ) : null}
      </div>
      <RadixSwitch.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="relative mt-0.5 h-6 w-11 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
      >
        <RadixSwitch.Thumb className="block size-4.5 translate-x-0.5 rounded-full bg-line-strong transition-transform rtl:-translate-x-0.5 data-[state=checked]:translate-x-5.5 rtl:data-[state=checked]:-translate-x-5.5 data-[state=checked]:bg-on-accent" />
      </RadixSwitch.Root>
    </div>
  );
}
