// Sections of one page as links, so that each has an address of its own.
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

export interface SubnavItem {
  tab: string;
  label: string;
}

export function Subnav({ base, label, items, current }: { base: '/settings' | '/admin'; label: string; items: SubnavItem[]; current: string }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone only some of them are in view.
    nav.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <nav ref={nav} aria-label={label} className="mb-6 flex gap-1 overflow-x-auto border-b border-line">
      {items.map((item) => (
        <Link
          key={item.tab}
          to={base === '/settings' ? '/settings/$tab' : '/admin/$tab'}
          params={{ tab: item.tab }}
          aria-current={item.tab === current ? 'page' : undefined}
          className="-mb-px grid min-h-11 place-items-center border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
        >
          {item.label}
        </Link>
      ))}
    </nav>
  );
}
