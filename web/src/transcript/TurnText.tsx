// The text of one turn: a single text node, editable only while the caret is in it. React never
// renders the letters; the browser types them, and the model follows (or leads, on undo).
import { memo, type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { doubtOf } from '../editor/doubt';
import { cachedText } from '../editor/find';
import { type Turn, wordOffsets } from '../editor/model';
import { clock, lastAtMost } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { useDesk, useDeskView } from './context';
import type { Desk, DeskView, Paragraph } from './desk';
import { paint, type Paint, type Stroke } from './highlights';
import { transcriptText } from './text';

const DOUBT_PAINT: Readonly<Record<number, Paint>> = { 1: 'doubt1', 2: 'doubt2', 3: 'doubt3', 4: 'disputed' };

/** The element's one text node; joins the pieces that browsers leave while typing. */
function textNode(element: HTMLElement): Text | null {
  if (element.childNodes.length > 1) element.normalize();
  return element.firstChild instanceof Text ? element.firstChild : null;
}

/** Letters of the shown text before the turn's first: spaces that were typed at the start. */
function leading(element: HTMLElement): number {
  const text = element.textContent ?? '';
  return text.length - text.trimStart().length;
}

function offsetIn(element: HTMLElement): number | null {
  const selection = element.ownerDocument.getSelection();
  if (!selection || selection.rangeCount === 0 || !selection.focusNode || !element.contains(selection.focusNode))
    return null;
  const range = document.createRange();
  range.selectNodeContents(element);
  range.setEnd(selection.focusNode, selection.focusOffset);
  return Math.max(0, range.toString().length - leading(element));
}

function setCaret(element: HTMLElement, from: number, to = from): void {
  const node = textNode(element);
  const selection = element.ownerDocument.getSelection();
  if (!selection) return;
  if (!node) {
    selection.collapse(element, 0);
    return;
  }
  const lead = leading(element);
  selection.setBaseAndExtent(node, Math.min(from + lead, node.length), node, Math.min(to + lead, node.length));
}

function editable(element: HTMLElement, on: boolean): void {
  if (!on) {
    element.removeAttribute('contenteditable');
    return;
  }
  if (element.isContentEditable) return;
  try {
    element.contentEditable = 'plaintext-only';
  } catch {
    // Older browsers know only rich text; beforeinput lets nothing but text through.
    element.contentEditable = 'true';
  }
}

/** The caret after the model's text replaced the shown one: as far from the changed place. */
function movedCaret(before: string, after: string, caret: number): number {
  const limit = Math.min(before.length, after.length);
  let head = 0;
  while (head < limit && before[head] === after[head]) ++head;
  if (caret <= head) return caret;
  let tail = 0;
  while (tail < limit - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) ++tail;
  return caret >= before.length - tail ? caret + after.length - before.length : after.length - tail;
}

function useParagraph(desk: Desk, turn: Turn, element: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const here = element.current;
    if (!here) return undefined;
    const paragraph: Paragraph = {
      element: here,
      focus(offset) {
        editable(here, true);
        here.focus({ preventScroll: false });
        setCaret(here, offset);
      },
      select: (from, to) => {
        editable(here, true);
        here.focus({ preventScroll: false });
        setCaret(here, from, to);
      },
      caret: () => (here.ownerDocument.activeElement === here ? offsetIn(here) : null),
    };
    // React's own onBeforeInput is another event. Undo is ours, and text has no formats.
    const refuse = (event: InputEvent): void => {
      if (/^(?:format|history|insertParagraph|insertLineBreak)/.test(event.inputType)) event.preventDefault();
    };
    here.addEventListener('beforeinput', refuse);
    const unmount = desk.mount(turn.id, paragraph);
    return () => {
      here.removeEventListener('beforeinput', refuse);
      unmount();
    };
  }, [desk, turn.id, element]);
}

function hitStrokes(view: DeskView, turn: string): string {
  // As text, so that a row renders only when its own hits change.
  let text = '';
  for (let index = 0; index < view.matches.length; ++index) {
    const match = view.matches[index];
    if (match?.turn === turn) text += `${match.from},${match.to},${index === view.hit ? 1 : 0};`;
  }
  return text;
}

function parseStrokes(text: string, lead: number): Stroke[] {
  return text.split(';').flatMap((part) => {
    const [from, to, now] = part.split(',').map(Number);
    if (from === undefined || to === undefined || Number.isNaN(to)) return [];
    return [{ paint: now ? ('hitnow' as const) : ('hit' as const), from: from + lead, to: to + lead }];
  });
}

function wordStrokes(turn: Turn, lead: number): Stroke[] {
  const offsets = wordOffsets(turn);
  return turn.words.flatMap((word, index) => {
    const name = DOUBT_PAINT[doubtOf(word)] ?? (word.x === 1 ? 'edited' : null);
    if (name === null) return [];
    const from = (offsets[index] as number) + lead;
    return [{ paint: name, from, to: from + word.t.trim().length }];
  });
}

interface Written {
  readonly element: RefObject<HTMLParagraphElement | null>;
  /** The turn whose text is in the element; the model's may be newer during a composition. */
  readonly shown: RefObject<Turn>;
  readonly composing: RefObject<boolean>;
}

/** Brings the model's text into the element, unless it is what was typed there. */
function bringText({ element, shown, composing }: Written, turn: Turn): void {
  const here = element.current;
  if (!here || composing.current) return;
  shown.current = turn;
  const text = cachedText(turn);
  const before = here.textContent ?? '';
  const typing = here.ownerDocument.activeElement === here;
  // Spaces at the ends are no part of the text, but must not vanish under somebody's fingers.
  if (before === text || (typing && before.trim() === text)) return;
  const caret = typing ? offsetIn(here) : null;
  here.textContent = text;
  if (caret !== null) setCaret(here, movedCaret(before.trim(), text, caret));
}

/** Doubts, edits and search hits. */
function usePaint({ element, composing }: Written, turn: Turn): void {
  const hits = useDeskView((view) => (view.matches.length > 0 ? hitStrokes(view, turn.id) : ''));
  useLayoutEffect(() => {
    const here = element.current;
    if (!here || composing.current) return undefined;
    const lead = leading(here);
    return paint(textNode(here), [...wordStrokes(turn, lead), ...parseStrokes(hits, lead)]);
  }, [turn, hits, element, composing]);
}

/** The word that sounds. */
function useSoundingWord(desk: Desk, { element, composing }: Written, turn: Turn): void {
  const sounding = useDeskView((view) => view.sounding === turn.id);
  useEffect(() => {
    const here = element.current;
    if (!sounding || !here) return undefined;
    let word = -1;
    let wipe = (): void => {};
    const offsets = wordOffsets(turn);
    const show = (seconds: number): void => {
      const next = lastAtMost(turn.words.length, (index) => turn.words[index]?.s ?? 0, seconds);
      if (next === word) return;
      word = next;
      wipe();
      wipe = (): void => {};
      const now = turn.words[word];
      if (!now || composing.current) return;
      const from = (offsets[word] as number) + leading(here);
      wipe = paint(textNode(here), [{ paint: 'sounding', from, to: from + now.t.trim().length }]);
    };
    show(desk.player.time);
    const stop = desk.player.onTime(show);
    return () => {
      stop();
      wipe();
    };
  }, [sounding, turn, desk, element, composing]);
}

/** A click puts the caret there and the sound to its word. */
function clicked(desk: Desk, turn: Turn, here: HTMLElement): void {
  const offset = here.ownerDocument.getSelection()?.isCollapsed ? offsetIn(here) : null;
  if (offset === null) return;
  if (!here.isContentEditable) {
    editable(here, true);
    here.focus({ preventScroll: true });
    setCaret(here, offset);
  }
  desk.clicked(turn, offset);
}

function pressed(desk: Desk, turn: Turn, here: HTMLElement, event: KeyboardEvent<HTMLElement>): boolean {
  if (here.isContentEditable) return handleEditKey(desk, turn, here, event);
  if (event.key !== 'Enter' && event.key !== 'F2') return false;
  editable(here, true);
  here.focus();
  return true;
}

export const TurnText = memo(function TurnText({ turn, name, lang }: { turn: Turn; name: string; lang: string }) {
  const desk = useDesk();
  const t = useMessages(transcriptText);
  const element = useRef<HTMLParagraphElement>(null);
  const shown = useRef(turn);
  const composing = useRef(false);
  const written = { element, shown, composing };
  useParagraph(desk, turn, element);
  useLayoutEffect(() => bringText({ element, shown, composing }, turn), [turn]);
  usePaint(written, turn);
  useSoundingWord(desk, written, turn);

  const take = (): void => {
    const here = element.current;
    if (here && !composing.current) desk.type(shown.current, (here.textContent ?? '').replace(/[\r\n]+/g, ' '));
  };
  return (
    <p
      ref={element}
      role="textbox"
      aria-multiline="true"
      aria-label={t('turnText', { time: clock(turn.start), name })}
      tabIndex={0}
      lang={lang}
      dir="auto"
      spellCheck
      data-empty={t('emptyTurn')}
      data-turn={turn.id}
      className="turn-text reading min-h-[1.7em] rounded-md outline-offset-4"
      onFocus={(event) => {
        // By the keyboard. A mouse may be about to select across turns, which an editable
        // paragraph would not let it do; a click decides.
        if (event.currentTarget.matches(':focus-visible')) editable(event.currentTarget, true);
      }}
      onBlur={(event) => {
        const here = event.currentTarget;
        editable(here, false);
        const text = cachedText(shown.current);
        if (here.textContent !== text) here.textContent = text;
      }}
      onClick={(event) => clicked(desk, shown.current, event.currentTarget)}
      onCompositionStart={() => (composing.current = true)}
      onCompositionEnd={() => {
        composing.current = false;
        take();
        // What others wrote meanwhile was held back.
        const now = desk.session.doc.turns.get(turn.id);
        if (now) bringText(written, now);
      }}
      onInput={take}
      onPaste={(event) => {
        event.preventDefault();
        const text = event.clipboardData.getData('text/plain').replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ');
        insertText(event.currentTarget, text);
        take();
      }}
      onDrop={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || composing.current || event.altKey || event.ctrlKey || event.metaKey) return;
        if (pressed(desk, shown.current, event.currentTarget, event)) event.preventDefault();
      }}
    />
  );
});

/** Plain text at the caret. execCommand keeps the browser's own caret handling. */
function insertText(here: HTMLElement, text: string): void {
  if (document.execCommand('insertText', false, text)) return;
  const selection = here.ownerDocument.getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
  if (!selection || !range || !here.contains(range.startContainer)) return;
  range.deleteContents();
  range.insertNode(document.createTextNode(text));
  range.collapse(false);
}

/** True: the key was for us. */
function handleEditKey(desk: Desk, turn: Turn, here: HTMLElement, event: KeyboardEvent): boolean {
  const offset = offsetIn(here) ?? 0;
  const length = (here.textContent ?? '').trim().length;
  const collapsed = here.ownerDocument.getSelection()?.isCollapsed ?? true;
  switch (event.key) {
    case 'Enter':
      desk.split(turn, Math.min(offset, length));
      return true;
    case 'Backspace':
      return collapsed && offset === 0 && desk.join(turn);
    case 'Escape':
      here.blur();
      return true;
    case 'ArrowUp':
      return collapsed && !event.shiftKey && onEdgeLine(here, 'first') && desk.neighbour(turn, -1);
    case 'ArrowDown':
      return collapsed && !event.shiftKey && onEdgeLine(here, 'last') && desk.neighbour(turn, 1);
    default:
      return false;
  }
}

/** Whether the caret is in the first or last line of the paragraph as it is broken now. */
function onEdgeLine(here: HTMLElement, edge: 'first' | 'last'): boolean {
  const selection = here.ownerDocument.getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0).cloneRange() : null;
  const caret = range?.getClientRects()[0];
  const box = here.getBoundingClientRect();
  if (!caret) return true;
  return edge === 'first' ? caret.top - box.top < caret.height : box.bottom - caret.bottom < caret.height;
}
