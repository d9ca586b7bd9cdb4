// Places that two people changed at once: both texts, and a choice. Nothing has been lost.
import type { Conflict } from '../editor/merge';
import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { useDesk, useSnapshot } from './context';
import { transcriptText } from './text';

/** More are counted, and come up as these are settled. */
const SHOWN = 5;

function Side({ label, text }: { label: string; text: string }) {
  const t = useMessages(transcriptText);
  return (
    <div className="min-w-0 flex-1">
      <p className="text-xs font-medium text-soft">{label}</p>
      <p dir="auto" className="line-clamp-3 font-serif break-words">
        {text === '' ? <span className="text-soft italic">{t('conflictNothing')}</span> : text}
      </p>
    </div>
  );
}

function Choice({ conflict }: { conflict: Conflict }) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const { session } = desk;
  const kinds = { text: null, speaker: t('conflictSpeaker'), note: t('conflictNote'), name: t('conflictName') };
  return (
    <li className="flex flex-col gap-2 border-t border-line pt-2">
      {kinds[conflict.kind] ? <p className="text-sm font-medium">{kinds[conflict.kind]}</p> : null}
      <div className="flex gap-4">
        <Side label={t('conflictTheirs')} text={conflict.theirs} />
        <Side label={t('conflictMine')} text={conflict.mine} />
      </div>
      <div className="flex flex-wrap gap-2">
        {conflict.kind === 'text' ? (
          <>
            <Button onClick={() => session.resolve(conflict, 'theirs')}>{t('keepTheirs')}</Button>
            <Button onClick={() => session.resolve(conflict, 'mine')}>{t('keepMine')}</Button>
            <Button onClick={() => session.resolve(conflict, 'both')}>{t('keepBoth')}</Button>
          </>
        ) : (
          <Button onClick={() => session.resolve(conflict, 'both')}>{t('understood')}</Button>
        )}
        {conflict.kind === 'name' ? null : (
          <Button look="quiet" onClick={() => desk.show(conflict.where)}>
            {t('conflictShow')}
          </Button>
        )}
      </div>
    </li>
  );
}

export function Conflicts() {
  const t = useMessages(transcriptText);
  const conflicts = useSnapshot((snapshot) => snapshot.conflicts);
  if (conflicts.length === 0) return null;
  return (
    <section role="alert" className="mb-4 rounded-card border border-warn/50 bg-warn-wash p-4">
      <h2 className="flex items-center gap-2 font-semibold">
        <Icon name="alert" className="text-warn" />
        {t('conflicts', { count: conflicts.length })}
      </h2>
      <p className="mt-1 mb-3 text-sm">{t('conflictText')}</p>
      <ul className="flex flex-col gap-3">
        {conflicts.slice(0, SHOWN).map((conflict) => (
          <Choice key={conflict.id} conflict={conflict} />
        ))}
      </ul>
    </section>
  );
}
