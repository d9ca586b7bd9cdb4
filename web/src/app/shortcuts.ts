// Keys that work on every page, unless somebody is typing: / n g ?
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || target.closest('[role="dialog"], [role="menu"]') !== null;
}

export function useShortcuts() {
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = async (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // A transcript has keys of its own.
      if (location.pathname.startsWith('/transcript/') && event.key !== '?') return;
      if (event.key === 'n') await navigate({ to: '/new' });
      else if (event.key === 'g') await navigate({ to: '/' });
      else if (event.key === '?') await navigate({ to: '/help' });
      else if (event.key === '/') {
        event.preventDefault();
        if (location.pathname !== '/') await navigate({ to: '/' });
        requestAnimationFrame(() => document.querySelector<HTMLInputElement>('input[type="search"]')?.focus());
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}
