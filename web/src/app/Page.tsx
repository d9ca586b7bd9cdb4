// The frame of one screen: title, actions beside it, content in a readable width.
import { type ReactNode, useEffect } from 'react';
import { cx } from '../ui/cx';

/** `named`: the title is what somebody has called something, and may be long. */
export function Page({ title, actions, lead, above, wide, named, children }: { title: string; actions?: ReactNode; lead?: ReactNode; above?: ReactNode; wide?: boolean; named?: boolean; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Whisper Transcriber`;
  }, [title]);
  return (
    <div className={cx('mx-auto w-full px-4 pt-6 pb-16 sm:px-8 sm:pt-9', wide ? 'max-w-6xl' : 'max-w-3xl')}>
      {above ? <div className="-mt-3 mb-1">{above}</div> : null}
      <header className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-3">
        <div className={cx('min-w-0 flex-1', named ? 'basis-64' : 'basis-40')}>
          <h1 className="font-serif break-words text-[1.75rem] leading-tight font-semibold tracking-tight">{title}</h1>
          {lead ? <p className="mt-1.5 text-soft">{lead}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}
