import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Snapshot } from '../editor/session';
import type { Desk, DeskView } from './desk';
import type { PlayerView } from './player';

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('no transcript is open here');
  return desk;
}

/** One thing of the desk; the component renders only when it changes. */
export function useDeskView<T>(pick: (view: DeskView) => T): T {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, () => pick(desk.view));
}

export function useSnapshot<T>(pick: (snapshot: Snapshot) => T): T {
  const { session } = useDesk();
  return useSyncExternalStore(session.subscribe, () => pick(session.snapshot));
}

export function usePlayer(): PlayerView {
  const { player } = useDesk();
  return useSyncExternalStore(player.subscribe, player.getView);
}
