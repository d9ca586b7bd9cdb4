import * as Radix from '@radix-ui/react-dropdown-menu';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon, type IconName } from './Icon';

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
  /** For menus that are made by the press that opens them (lists of many rows). */
  defaultOpen?: boolean;
}

export function Menu({ trigger, children, align = 'end', defaultOpen }: MenuProps) {
  return (
    <Radix.Root modal={false} defaultOpen={defaultOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={12}
          className="card appear z-50 max-h-[min(70dvh,var(--radix-dropdown-menu-content-available-height))] min-w-48 overflow-y-auto p-1.5 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const row =
  'flex min-h-9 max-sm:min-h-11 w-full items-center gap-2.5 rounded-md px-2.5 text-sm outline-none select-none ' +
  'data-[highlighted]:bg-sunken data-[disabled]:opacity-50';

export function MenuItem({
  icon,
  danger,
  disabled,
  onSelect,
  children,
}: {
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Radix.Item className={cx(row, danger && 'text-danger')} disabled={disabled} onSelect={onSelect}>
      {icon ? <Icon name={icon} className="size-4.5" /> : null}
      {children}
    </Radix.Item>
  );
}

export function MenuLink({ icon, href, download, children }: { icon?: IconName; href: string; download?: boolean; children: ReactNode }) {
  return (
    <Radix.Item asChild className={row}>
      <a href={href} download={download || undefined}>
        {icon ? <Icon name={icon} className="size-4.5" /> : null}
        {children}
      </a>
    </Radix.Item>
  );
}

/** One of several: `value` is chosen. */
export function MenuChoice<T extends string>({
  value,
  onChange,
  options,
}: {
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string }[];
}) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={row}>
          <span className="grid size-4.5 place-items-center">
            <Radix.ItemIndicator>
              <Icon name="check" className="size-4 text-accent" />
            </Radix.ItemIndicator>
          </span>
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

/** One of several that are seen and not read, side by side. */
export function MenuSwatches({ label, value, onChange, swatches }: { label: string; value: number; onChange: (value: number) => void; swatches: { label: string; className: string }[] }) {
  return (
    <Radix.RadioGroup aria-label={label} className="flex gap-1 px-2 pb-1" value={String(value)} onValueChange={(next) => onChange(Number(next))}>
      {swatches.map((swatch, index) => (
        <Radix.RadioItem
          key={swatch.label}
          value={String(index)}
          aria-label={swatch.label}
          className="grid size-8 place-items-center rounded-full outline-none aria-checked:ring-2 aria-checked:ring-ink data-[highlighted]:bg-sunken"
        >
          <span className={cx('size-5 rounded-full', swatch.className)} />
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-xs font-medium text-soft">{children}</Radix.Label>;
}
export function MenuLine() {
  return <Radix.Separator className="my-1.5 h-px bg-line" />;
}
