// A passage as text to paste elsewhere: speaker, time, words, and a link to the second.

import { type Doc, turnText } from './model';
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
