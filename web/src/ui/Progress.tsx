import { cx } from './cx';

/** A bar from 0 to 100; without a value it only says that something goes on. */
export function Progress({ value, label, className }: { value: number | null; label: string; className?: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.round(value)}
      className={cx('h-1.5 overflow-hidden rounded-full bg-sunken', className)}
    >
      {value === null ? (
        <div className="h-full w-1/3 animate-pulse rounded-full bg-accent" />
      ) : (
        <div className="h-full rounded-full bg-accent transition-[width] duration-300" style={{ width: `${Math.min(100, Math.max(0, value))}%` }} />
      )}
    </div>
  );
}
