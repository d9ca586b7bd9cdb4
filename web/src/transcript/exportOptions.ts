// What a file is made with: the choices of the export dialog and the request they become. Pure.
import type { Query } from '../api/client';

export const SUBTITLES: readonly string[] = ['srt', 'vtt'];
export const PARAGRAPHS: readonly string[] = ['md', 'docx'];
export const BINARY: readonly string[] = ['docx', 'pdf'];
/** What most people want, at once; the rest is in the dialog. */
export const QUICK: readonly string[] = ['srt', 'vtt', 'txt', 'md', 'docx'];

export interface Options {
  readonly format: string;
  readonly original: boolean;
  readonly rules: 'reference' | 'balanced';
  readonly width: string;
  readonly count: string;
  readonly speed: string;
  readonly highlight: boolean;
  readonly times: boolean;
  readonly speakers: boolean;
}

export const START: Options = {
  format: 'txt',
  original: false,
  rules: 'balanced',
  width: '42',
  count: '2',
  speed: '20',
  highlight: false,
  times: true,
  speakers: true,
};

export function digits(text: string): string {
  return text.replace(/\D/g, '').slice(0, 3);
}

/**
 * The choices of the last time, as this browser kept them; what is not one of ours is as at first.
 * The machine's text is asked for anew each time: nobody should export it by habit.
 */
export function readOptions(kept: string | null): Options {
  let all: Partial<Record<keyof Options, unknown>>;
  try {
    all = Object(JSON.parse(kept ?? '{}')) as typeof all;
  } catch {
    return START;
  }
  const number = (name: 'width' | 'count' | 'speed'): string => {
    const value = all[name];
    return typeof value === 'string' ? digits(value) : START[name];
  };
  return {
    format: typeof all.format === 'string' && /^[a-z]{2,8}$/.test(all.format) ? all.format : START.format,
    original: false,
    rules: all.rules === 'reference' ? 'reference' : 'balanced',
    width: number('width'),
    count: number('count'),
    speed: number('speed'),
    highlight: all.highlight === true,
    times: all.times !== false,
    speakers: all.speakers !== false,
  };
}

/** The usual formats, the person's own first. */
export function quickFormats(own: string): readonly string[] {
  return own === '' ? QUICK : [own, ...QUICK.filter((name) => name !== own)];
}

/** Options are sent where the format has them. */
export function queryOf(options: Options): Query {
  const query: Query = { format: options.format };
  if (options.original) query.version = '1';
  if (!options.speakers) query.speakers = 'false';
  if (PARAGRAPHS.includes(options.format) && !options.times) query.times = 'false';
  if (!SUBTITLES.includes(options.format)) return query;
  query.line_rules = options.rules;
  if (options.width !== '') query.max_line_width = options.width;
  if (options.count !== '') query.max_line_count = options.count;
  if (options.rules === 'balanced' && options.speed !== '') query.reading_speed = options.speed;
  if (options.highlight) query.highlight_words = 'true';
  return query;
}
