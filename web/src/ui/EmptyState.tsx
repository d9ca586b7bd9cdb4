import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

export function EmptyState({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-sunken text-soft">
        <Icon name={icon} className="size-6" />
      </span>
      <h2 className="font-serif text-xl font-semibold">{title}</h2>
      {children ? <div className="flex w-full max-w-md min-w-0 flex-col items-center gap-4 text-soft">{children}</div> : null}
    </div>
  );
}
