// The text: only the turns near the window are drawn (60,000 words are some 100,000 pixels high).
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ClipboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { cachedText } from '../editor/find';
import { wordAtOffset } from '../editor/model';
import { passageText, type Selected } from '../editor/passage';
import { placeAt, turnsInOrder } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { useDesk, useDeskView, usePlayer, useSnapshot } from './context';
import type { Desk } from './desk';
import { linkTo } from './link';
import { transcriptText } from './text';
import { TurnRow } from './TurnRow';

/** Height of what sticks to the window's upper edge. */
const STICKY_PX = 128;
/** How often the place of the sounding word is looked at while following. */
const FOLLOW_MS = 200;

const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Moves the window when the sounding word leaves its middle part. */
function keepInView(desk: Desk, turn: string, row: number, word: number): void {
  const element = desk.paragraph(turn)?.element;
  const node = element?.firstChild;
  const doc = desk.session.doc.turns.get(turn);
  if (!element || !doc) {
    desk.scrollToRow(row);
    return;
  }
  let box = element.getBoundingClientRect();
  if (node instanceof Text && word >= 0) {
    let at = 0;
    for (let index = 0; index < word; ++index) at += doc.words[index]?.t.length ?? 0;
    const range = document.createRange();
    range.setStart(node, Math.min(at, node.length));
    range.setEnd(node, Math.min(at + 1, node.length));
    box = range.getBoundingClientRect();
  }
  const top = STICKY_PX + 40;
  const bottom = window.innerHeight * 0.72;
  if (box.top >= top && box.bottom <= bottom) return;
  window.scrollBy({ top: box.top - window.innerHeight * 0.33, behavior: calm() ? 'auto' : 'smooth' });
}

function useSound(desk: Desk): void {
  useEffect(() => {
    let looked = 0;
    const show = (seconds: number): void => {
      const place = placeAt(desk.session.doc, seconds);
      const turn = place?.turn ?? null;
      if (turn !== desk.view.sounding) desk.set({ sounding: turn });
      const now = performance.now();
      if (!place || !desk.view.following || !desk.player.view.playing || now - looked < FOLLOW_MS) return;
      looked = now;
      if (desk.caret()) return;
      keepInView(desk, place.turn, place.row, place.word);
    };
    show(desk.player.time);
    return desk.player.onTime(show);
  }, [desk]);
}

/** Scrolling by hand suspends following; the page's own scrolling does not. */
function useSuspend(desk: Desk): void {
  useEffect(() => {
    const suspend = (): void => desk.suspend();
    const keys = (event: KeyboardEvent): void => {
      if (['PageUp', 'PageDown', 'Home', 'End'].includes(event.key)) desk.suspend();
    };
    const bar = (event: PointerEvent): void => {
      if (event.clientX >= document.documentElement.clientWidth) desk.suspend();
    };
    window.addEventListener('wheel', suspend, { passive: true });
    window.addEventListener('touchmove', suspend, { passive: true });
    window.addEventListener('keydown', keys);
    window.addEventListener('pointerdown', bar);
    return () => {
      window.removeEventListener('wheel', suspend);
      window.removeEventListener('touchmove', suspend);
      window.removeEventListener('keydown', keys);
      window.removeEventListener('pointerdown', bar);
    };
  }, [desk]);
}

/** Lines of the reading face that a text takes: only has to be near, heights are measured. */
function estimate(letters: number, width: number): number {
  const perLine = Math.max(20, (width - (width > 640 ? 220 : 24)) / 9.2);
  return Math.max(1, Math.ceil(letters / perLine)) * 30.6 + 22;
}

/** Copies a selection over several turns with who spoke when. */
function copyPassage(desk: Desk, nobody: string, event: ClipboardEvent): void {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || desk.caret()) return;
  const parts: Selected[] = [];
  for (const turn of turnsInOrder(desk.session.doc)) {
    const element = desk.paragraph(turn.id)?.element;
    if (!element || !selection.containsNode(element, true)) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const own = selection.getRangeAt(0);
    let offset = 0;
    if (element.contains(own.startContainer)) {
      const before = range.cloneRange();
      before.setEnd(own.startContainer, own.startOffset);
      offset = before.toString().length;
      range.setStart(own.startContainer, own.startOffset);
    }
    if (element.contains(own.endContainer)) range.setEnd(own.endContainer, own.endOffset);
    const text = range.toString();
    if (text.trim() === '') continue;
    parts.push({ turn: turn.id, text, at: turn.words[wordAtOffset(turn, offset)]?.s ?? turn.start });
  }
  if (parts.length === 0) return;
  event.preventDefault();
  event.clipboardData.setData('text/plain', passageText(desk.session.doc, parts, nobody, linkTo));
}

/** On phones the player and the find bar cover the lower end: the middle of what is left is higher. */
const THUMB_PX = 280;
const isPhone = (): boolean => matchMedia('(max-width: 767px)').matches;

export function TurnList() {
  const desk = useDesk();
  const t = useMessages(transcriptText);
  const doc = useSnapshot((snapshot) => snapshot.doc);
  const times = useDeskView((view) => view.times);
  const list = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ margin: 0, width: 720 });
  const turns = turnsInOrder(doc);
  useSound(desk);
  useSuspend(desk);

  useLayoutEffect(() => {
    const here = list.current;
    if (!here) return undefined;
    const look = (): void => {
      const margin = Math.round(here.getBoundingClientRect().top + window.scrollY);
      const width = here.clientWidth;
      setPlace((now) => (now.margin === margin && now.width === width ? now : { margin, width }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(here);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // Both only change with the order of turns: typing must not measure the whole list anew.
  const latest = useRef(doc);
  latest.current = doc;
  const { order } = doc;
  const keyOf = useCallback((index: number) => order[index] ?? index, [order]);
  const sizeOf = useCallback(
    (index: number) => {
      const turn = latest.current.turns.get(order[index] ?? '');
      return estimate(turn ? cachedText(turn).length : 0, place.width);
    },
    [order, place.width],
  );
  const virtual = useWindowVirtualizer({
    count: turns.length,
    overscan: 5,
    scrollMargin: place.margin,
    scrollPaddingStart: isPhone() ? -THUMB_PX / 2 : STICKY_PX,
    getItemKey: keyOf,
    estimateSize: sizeOf,
  });
  desk.scrollToRow = (row) => virtual.scrollToIndex(row, { align: 'center' });

  return (
    <div
      ref={list}
      role="list"
      aria-label={t('transcript')}
      className="relative"
      data-times={times ? undefined : 'off'}
      style={{ height: virtual.getTotalSize() }}
      onCopy={(event) => copyPassage(desk, t('nobody'), event)}
    >
      {virtual.getVirtualItems().map((item) => {
        const turn = turns[item.index];
        if (!turn) return null;
        const before = turns[item.index - 1];
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            role="presentation"
            data-index={item.index}
            className="absolute inset-x-0"
            style={{ top: item.start - place.margin }}
          >
            <TurnRow
              turn={turn}
              row={item.index}
              count={turns.length}
              speaker={turn.speaker === null ? null : (doc.speakers.get(turn.speaker) ?? null)}
              goesOn={before !== undefined && before.speaker === turn.speaker}
              lang={doc.language}
            />
          </div>
        );
      })}
    </div>
  );
}

export function BackToNow() {
  const desk = useDesk();
  const t = useMessages(transcriptText);
  const following = useDeskView((view) => view.following);
  const { playing } = usePlayer();
  if (following || !playing) return null;
  return (
    <div className="pointer-events-none fixed inset-x-0 bottom-6 z-20 flex justify-center max-md:bottom-44 md:ps-64">
      <Button
        look="primary"
        icon="wave"
        className="pointer-events-auto rounded-full shadow-float"
        onClick={() => desk.follow()}
      >
        {t('backToNow')}
      </Button>
    </div>
  );
}
