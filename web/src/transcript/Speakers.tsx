// Who speaks: names, colours, joining two voices into one, listening to one.
import { useDeferredValue, useEffect, useState } from 'react';
import { addSpeaker, changeSpeaker, mergeSpeaker, SPEAKER_COLORS } from '../editor/edits';
import type { Speaker } from '../editor/model';
import { turnsInOrder } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { Button, IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuSwatches } from '../ui/Menu';
import { toast } from '../ui/Toast';
import { useDesk, useSnapshot } from './context';
import { transcriptText } from './text';
import { voiceClass } from './TurnRow';

/** Letters; the server takes 200 bytes, and what is beyond is cut there. */
const NAME_MAX = 100;

function NameField({ speaker, number }: { speaker: Speaker; number: number }) {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const [text, setText] = useState(speaker.name);
  const [writing, setWriting] = useState(false);
  useEffect(() => {
    if (!writing) setText(speaker.name);
  }, [speaker.name, writing]);
  const take = (): void => {
    setWriting(false);
    const name = text.trim();
    if (name === '') setText(speaker.name);
    else session.commit(changeSpeaker(session.doc, speaker.id, { name }), 'speaker');
  };
  return (
    <input
      value={text}
      dir="auto"
      maxLength={NAME_MAX}
      aria-label={t('speakerName', { name: speaker.name || String(number) })}
      className="min-h-9 w-full min-w-0 truncate rounded-md border border-transparent bg-transparent px-2 text-sm font-medium hover:border-line focus:border-line-strong focus:bg-surface max-sm:min-h-11 max-sm:text-base"
      onFocus={(event) => {
        setWriting(true);
        event.target.select();
      }}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') {
          setText(speaker.name);
          event.currentTarget.blur();
        }
      }}
    />
  );
}

function SpeakerActions({ speaker, others }: { speaker: Speaker; others: readonly Speaker[] }) {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const join = (into: string | null): void => {
    session.commit(mergeSpeaker(session.doc, speaker.id, into), 'speaker');
    toast(t('edit_speaker'), { action: { label: t('undo'), run: () => void session.undo() } });
  };
  return (
    <Menu trigger={<IconButton icon="more" label={t('speakerActions', { name: speaker.name })} className="size-9" />}>
      {others.length > 0 ? (
        <>
          <MenuLabel>{t('mergeInto')}</MenuLabel>
          {others.map((other) => (
            <MenuItem key={other.id} onSelect={() => join(other.id)}>
              <span className={cx('voice-dot size-2.5 rounded-full', voiceClass(other))} />
              <bdi className="max-w-56 truncate">{other.name}</bdi>
            </MenuItem>
          ))}
          <MenuLine />
        </>
      ) : null}
      <MenuLabel>{t('colour')}</MenuLabel>
      <MenuSwatches
        label={t('colour')}
        value={speaker.color % SPEAKER_COLORS}
        onChange={(color) => session.commit(changeSpeaker(session.doc, speaker.id, { color }), 'speaker')}
        swatches={Array.from({ length: SPEAKER_COLORS }, (_, color) => ({ label: `${t('colour')} ${color + 1}`, className: `voice-dot voice-${color}` }))}
      />
      <MenuLine />
      <MenuItem icon="trash" danger onSelect={() => join(null)}>
        {t('removeSpeaker')}
      </MenuItem>
    </Menu>
  );
}

export function SpeakersPanel() {
  const t = useMessages(transcriptText);
  const { session, player } = useDesk();
  const speakers = useSnapshot((snapshot) => snapshot.doc.speakers);
  const doc = useDeferredValue(useSnapshot((snapshot) => snapshot.doc));
  const turns = turnsInOrder(doc);
  const counts = new Map<string, number>();
  for (const turn of turns) if (turn.speaker !== null) counts.set(turn.speaker, (counts.get(turn.speaker) ?? 0) + 1);
  const list = [...speakers.values()];
  const listen = (speaker: Speaker): void => {
    // Each press plays another of their turns: one alone may be a cough.
    const own = turns.filter((turn) => turn.speaker === speaker.id);
    const next = own.find((turn) => turn.start > player.time + 0.05) ?? own[0];
    if (!next) return;
    player.seek(next.start);
    player.play();
  };
  return (
    <section aria-label={t('speakers')} className="flex flex-col gap-1">
      {list.length === 0 ? (
        <p className="text-sm text-soft">{t('noSpeakersHint')}</p>
      ) : (
        <ul className="flex flex-col">
          {list.map((speaker, index) => (
            <li key={speaker.id} className="flex items-center gap-1">
              <button
                type="button"
                aria-label={t('listenTo', { name: speaker.name })}
                title={t('listenTo', { name: speaker.name })}
                className="grid size-9 shrink-0 place-items-center rounded-full hover:bg-sunken max-sm:size-11"
                onClick={() => listen(speaker)}
              >
                <span className={cx('voice-dot size-3.5 rounded-full', voiceClass(speaker))} />
              </button>
              <div className="min-w-0 flex-1">
                <NameField speaker={speaker} number={index + 1} />
              </div>
              <span className="figures text-xs whitespace-nowrap text-soft">
                {t('speakerTurns', { count: counts.get(speaker.id) ?? 0 })}
              </span>
              <SpeakerActions speaker={speaker} others={list.filter((other) => other.id !== speaker.id)} />
            </li>
          ))}
        </ul>
      )}
      <Button
        look="quiet"
        icon="plus"
        className="-ms-2 self-start"
        onClick={() => {
          const next = addSpeaker(session.doc, t('newSpeaker', { count: session.doc.speakers.size + 1 }));
          if (next === session.doc) toast(t('speakersFull'));
          session.commit(next, 'speaker');
        }}
      >
        {t('addSpeaker')}
      </Button>
    </section>
  );
}
