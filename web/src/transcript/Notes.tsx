// The notes of all turns: marks to come back to.
import { useDeferredValue } from 'react';
import type { Turn } from '../editor/model';
import { clock, turnsInOrder } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { Dialog } from '../ui/Dialog';
import { useDesk, useSnapshot } from './context';
import { transcriptText } from './text';

function useNoted(): readonly Turn[] {
  const doc = useDeferredValue(useSnapshot((snapshot) => snapshot.doc));
  return turnsInOrder(doc).filter((turn) => turn.note !== '');
}

function List({ turns, onGo }: { turns: readonly Turn[]; onGo: () => void }) {
  const desk = useDesk();
  const go = (turn: Turn): void => {
    onGo();
    desk.player.seek(turn.start);
    desk.show(turn.id);
  };
  return (
    <ul className="-mx-2 flex flex-col">
      {turns.map((turn) => (
        <li key={turn.id}>
          <button
            type="button"
            className="flex min-h-9 w-full items-baseline gap-3 rounded-md px-2 py-1.5 text-start text-sm hover:bg-sunken max-sm:min-h-11"
            onClick={() => go(turn)}
          >
            <span className="figures shrink-0 font-mono text-xs text-soft">{clock(turn.start)}</span>
            <bdi className="line-clamp-3 min-w-0 break-words">{turn.note}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Beside the text, where there is room and there are any. */
export function NotesRail() {
  const t = useMessages(transcriptText);
  const turns = useNoted();
  if (turns.length === 0) return null;
  return (
    <section aria-label={t('turnNotes')} className="mt-6">
      <h2 className="mb-1 font-serif text-lg font-semibold">{t('turnNotes')}</h2>
      <List turns={turns} onGo={() => undefined} />
    </section>
  );
}

export function NotesDialog({ onClose }: { onClose: () => void }) {
  const t = useMessages(transcriptText);
  const turns = useNoted();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('turnNotes')}>
      {turns.length === 0 ? <p className="text-sm text-soft">{t('noTurnNotes')}</p> : <List turns={turns} onGo={onClose} />}
    </Dialog>
  );
}
