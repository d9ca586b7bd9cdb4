// A passage as text to paste elsewhere: speaker, time, words, and a link to the second.

import { type Doc, orderedTurns, turnText } from './model';
import { clock } from './time';

export interface Selected {
  readonly turn: string;
  readonly text: string;
  /** Seconds at which the passage begins in this turn. */
  readonly at: number;
}

export function passageText(
  doc: Doc,
  parts: readonly Selected[],
  nobody: string,
  link: (seconds: number) => string,
): string {
  const lines = parts.map((part) => {
    const turn = doc.turns.get(part.turn);
    const speaker = turn?.speaker ? doc.speakers.get(turn.speaker)?.name : undefined;
    const text = part.text || (turn ? turnText(turn) : '');
    return `${speaker ?? nobody} (${clock(part.at)}): ${text.replace(/\s+/g, ' ').trim()}`;
  });
  const first = parts[0];
  return first ? `${lines.join('\n')}\n${link(first.at)}` : '';
}

/** Everything that was said, a paragraph for each who speaks, with their name where they have one. */
export function wholeText(doc: Doc): string {
  const paragraphs: string[] = [];
  let last: string | null = null;
  for (const turn of orderedTurns(doc)) {
    const text = turnText(turn).replace(/\s+/g, ' ').trim();
    if (text === '') continue;
    const name = turn.speaker === null ? '' : (doc.speakers.get(turn.speaker)?.name ?? '');
    if (paragraphs.length > 0 && turn.speaker === last) paragraphs.push(`${paragraphs.pop()} ${text}`);
    else paragraphs.push(name === '' ? text : `${name}: ${text}`);
    last = turn.speaker;
  }
  return paragraphs.join('\n\n');
}
