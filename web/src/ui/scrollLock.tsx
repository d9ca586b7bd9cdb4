// Stands in for react-remove-scroll below Radix' dialogs and menus (vite.config.ts): the original
// injects a <style> element, which our content security policy refuses. A class does the same.
import { Slot } from '@radix-ui/react-slot';
import { type ElementType, type ReactNode, type RefObject, useEffect } from 'react';

let locks = 0;

function change(by: number) {
  const root = document.documentElement;
  // Measured while the scroll bar is there; on phones it takes no room.
  if (locks === 0) root.style.setProperty('--scrollbar', `${window.innerWidth - root.clientWidth}px`);
  locks += by;
  root.classList.toggle('is-locked', locks > 0);
}

interface Props {
  as?: ElementType;
  enabled?: boolean;
  allowPinchZoom?: boolean;
  shards?: RefObject<unknown>[];
  children?: ReactNode;
  [name: string]: unknown;
}

export function RemoveScroll({ as, enabled = true, allowPinchZoom: _zoom, shards: _shards, children, ...rest }: Props) {
  useEffect(() => {
    if (!enabled) return undefined;
    change(1);
    return () => change(-1);
  }, [enabled]);
  const Element = as ?? Slot;
  return <Element {...rest}>{children}</Element>;
}
RemoveScroll.classNames = { fullWidth: '', zeroRight: '' };
