// One turn: who, when, text, note.
import { cloneElement, memo, type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { addSpeaker, deleteTurn, mergeWithPrevious, runOf, setNote, setTimes, setTurnSpeaker } from '../editor/edits';
import { newId, type Speaker, type Turn } from '../editor/model';
import { passageText } from '../editor/passage';
import { clock } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { copyText } from '../ui/ErrorPanel';
import { Icon } from '../ui/Icon';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../ui/Menu';
import { toast } from '../ui/Toast';
import { useDesk, useDeskView } from './context';
import { linkTo } from './link';
import { transcriptText } from './text';
import { TurnText } from './TurnText';

interface Props {
  turn: Turn;
  row: number;
  count: number;
  speaker: Speaker | null;
  /** The same speaker goes on: the name is not said again. */
  goesOn: boolean;
  lang: string;
}

export function voiceClass(speaker: Speaker | null): string {
  return speaker ? `voice-${((speaker.color % 8) + 8) % 8}` : 'voice-none';
}

/**
 * A button that becomes a menu when it is pressed: two menus in each row that scrolls by would cost
 * more than all the rest of the row.
 */
function LazyMenu({
  button,
  align,
  children,
}: {
  button: ReactElement<{ onClick?: () => void }>;
  align: 'start' | 'end';
  children: () => ReactNode;
}) {
  const [made, setMade] = useState(false);
  if (!made) return cloneElement(button, { onClick: () => setMade(true) });
  return (
    <Menu align={align} trigger={button} defaultOpen>
      {children()}
    </Menu>
  );
}

function SpeakerMenu({ turn, speaker, goesOn }: Pick<Props, 'turn' | 'speaker' | 'goesOn'>) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const { session } = desk;
  const name = speaker?.name || t('nobody');
  const give = (id: string | null, run: boolean): void => {
    const { doc } = session;
    session.commit(setTurnSpeaker(doc, run ? runOf(doc, turn.id) : [turn.id], id), 'speaker');
  };
  const add = (): void => {
    const id = newId('s');
    const doc = addSpeaker(session.doc, t('newSpeaker', { count: session.doc.speakers.size + 1 }), id);
    if (doc === session.doc) {
      toast(t('speakersFull'));
      return;
    }
    session.commit(setTurnSpeaker(doc, [turn.id], id), 'speaker');
  };
  return (
    <LazyMenu
      align="start"
      button={
        <button
          type="button"
          aria-haspopup="menu"
          aria-label={t('speakerMenu', { time: clock(turn.start), name })}
          className={cx(
            'voice-text flex min-h-6 max-w-full min-w-0 items-center rounded text-start text-sm font-semibold hover:underline',
            voiceClass(speaker),
            goesOn && 'opacity-0 focus-visible:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100',
          )}
        >
          <bdi className="truncate">{name}</bdi>
        </button>
      }
    >
      {() => (
        <>
          <SpeakerChoices current={turn.speaker} keys onPick={(id) => give(id, false)} />
          <MenuItem icon="plus" onSelect={add}>
            {t('addSpeaker')}
          </MenuItem>
          <MenuLine />
          <MenuLabel>{t('wholeRun')}</MenuLabel>
          <SpeakerChoices current={turn.speaker} onPick={(id) => give(id, true)} />
        </>
      )}
    </LazyMenu>
  );
}

function SpeakerChoices({
  current,
  keys,
  onPick,
}: {
  current: string | null;
  keys?: boolean;
  onPick: (id: string | null) => void;
}) {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  return (
    <>
      {[...session.doc.speakers.values()].map((speaker, index) => (
        <MenuItem key={speaker.id} onSelect={() => onPick(speaker.id)}>
          <span className={cx('voice-dot size-2.5 shrink-0 rounded-full', voiceClass(speaker))} />
          <bdi className="min-w-0 max-w-56 flex-1 truncate">{speaker.name}</bdi>
          {speaker.id === current ? <Icon name="check" className="size-4 text-accent" /> : null}
          {keys && index < 9 ? <kbd className="font-mono text-xs text-soft">Alt+{index + 1}</kbd> : null}
        </MenuItem>
      ))}
      {current === null ? null : <MenuItem onSelect={() => onPick(null)}>{t('nobody')}</MenuItem>}
    </>
  );
}

function TurnMenu({ turn, row, onNote }: { turn: Turn; row: number; onNote: () => void }) {
  const t = useMessages(transcriptText);
  return (
    <LazyMenu
      align="end"
      button={
        <IconButton
          icon="more"
          aria-haspopup="menu"
          label={t('turnMenu', { time: clock(turn.start) })}
          className="size-8 max-sm:-my-2.5 max-sm:size-11"
        />
      }
    >
      {() => <TurnActions turn={turn} row={row} onNote={onNote} />}
    </LazyMenu>
  );
}

function TurnActions({ turn, row, onNote }: { turn: Turn; row: number; onNote: () => void }) {
  const t = useMessages(transcriptText);
  const { session, player } = useDesk();
  const copy = async (text: string): Promise<void> => {
    if (await copyText(text)) toast(t('copied'));
  };
  return (
    <>
      <MenuItem icon="restart" onSelect={() => player.setLoop({ from: turn.start, to: turn.end })}>
        {t('loopTurn')}
      </MenuItem>
      <MenuItem
        icon="copy"
        onSelect={() =>
          void copy(passageText(session.doc, [{ turn: turn.id, text: '', at: turn.start }], t('nobody'), linkTo))
        }
      >
        {t('copyPassage')}
      </MenuItem>
      <MenuItem icon="external" onSelect={() => void copy(linkTo(turn.start))}>
        {t('copyLink')}
      </MenuItem>
      <MenuItem icon="file" onSelect={onNote}>
        {t('addNote')}
      </MenuItem>
      <MenuLine />
      <MenuItem
        icon="clock"
        onSelect={() => session.commit(setTimes(session.doc, turn.id, { start: player.time }), 'time')}
      >
        {t('startHere')}
      </MenuItem>
      <MenuItem
        icon="clock"
        onSelect={() => session.commit(setTimes(session.doc, turn.id, { end: player.time }), 'time')}
      >
        {t('endHere')}
      </MenuItem>
      <MenuLine />
      <MenuItem
        icon="back"
        disabled={row === 0}
        onSelect={() => session.commit(mergeWithPrevious(session.doc, turn.id), 'merge')}
      >
        {t('joinTurn')}
      </MenuItem>
      <MenuItem
        icon="trash"
        danger
        onSelect={() => {
          session.commit(deleteTurn(session.doc, turn.id), 'delete');
          toast(t('edit_delete'), { action: { label: t('undo'), run: () => void session.undo() } });
        }}
      >
        {t('deleteTurn')}
      </MenuItem>
    </>
  );
}

/** Longest note; the server takes more, but a note is no transcript. */
const NOTE_MAX = 4_000;

function Note({ turn, open, onClose }: { turn: Turn; open: boolean; onClose: () => void }) {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const [text, setText] = useState(turn.note);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (area.current?.ownerDocument.activeElement !== area.current) setText(turn.note);
  }, [turn.note]);
  useEffect(() => {
    if (open) area.current?.focus();
  }, [open]);
  if (turn.note === '' && !open) return null;
  return (
    <div className="mt-2 flex items-start gap-2 rounded-lg border border-line bg-sunken/60 px-3 py-2">
      <textarea
        ref={area}
        aria-label={t('note')}
        placeholder={t('notePlaceholder')}
        value={text}
        rows={1}
        maxLength={NOTE_MAX}
        dir="auto"
        className="field-sizing-content max-h-48 min-h-6 w-full resize-none bg-transparent text-sm outline-none placeholder:text-soft"
        onChange={(event) => {
          setText(event.target.value);
          session.commit(setNote(session.doc, turn.id, event.target.value), 'note', `note:${turn.id}`);
        }}
        onBlur={onClose}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      {turn.note === '' ? null : (
        <IconButton
          icon="close"
          label={t('removeNote')}
          className="-my-1 size-8"
          onClick={() => {
            setText('');
            session.commit(setNote(session.doc, turn.id, ''), 'note');
          }}
        />
      )}
    </div>
  );
}

export const TurnRow = memo(function TurnRow({ turn, row, count, speaker, goesOn, lang }: Props) {
  const t = useMessages(transcriptText);
  const { player } = useDesk();
  const [writing, setWriting] = useState(false);
  const sounding = useDeskView((view) => view.sounding === turn.id);
  const name = speaker?.name || t('nobody');
  return (
    <div
      role="listitem"
      aria-posinset={row + 1}
      aria-setsize={count}
      aria-label={t('turnBy', { name, time: clock(turn.start) })}
      className={cx(
        'group grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-s-3 py-2 ps-4 max-sm:pe-2 sm:grid-cols-[8.5rem_minmax(0,1fr)_2rem]',
        'voice-bar',
        voiceClass(speaker),
        sounding && 'bg-surface',
        !goesOn && 'mt-3',
      )}
    >
      <div
        className={cx(
          'sticky top-(--turn-top) flex min-w-0 items-baseline gap-2 self-start sm:items-start sm:gap-0',
          goesOn ? 'flex-row-reverse justify-end sm:flex-col-reverse sm:justify-start' : 'sm:flex-col',
        )}
      >
        <SpeakerMenu turn={turn} speaker={speaker} goesOn={goesOn} />
        <button
          type="button"
          onClick={() => player.seek(turn.start)}
          className="turn-time figures min-h-6 rounded font-mono text-xs text-soft select-text hover:text-ink hover:underline"
        >
          {clock(turn.start)}
        </button>
      </div>
      <div className="min-w-0 max-sm:order-last max-sm:col-span-2">
        <TurnText turn={turn} name={name} lang={lang} />
        <Note turn={turn} open={writing} onClose={() => setWriting(false)} />
      </div>
      <div className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 max-sm:opacity-100">
        <TurnMenu turn={turn} row={row} onNote={() => setWriting(true)} />
      </div>
    </div>
  );
});
