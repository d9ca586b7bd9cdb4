// Recordings whose name or text has what is looked for, with the places in the text.
import { request } from './client';
import type { Job, JobPage } from './queries';
import type { components } from './schema';

export type Match = components['schemas']['SearchMatch'];
export interface FoundPage extends JobPage {
  matches: Map<string, Match[]>;
}

export interface Wanted {
  query: string;
  order: string;
  skip: number;
  size: number;
  filters: components['schemas']['SearchRequest']['filters'];
}

export async function searchJobs(wanted: Wanted, signal?: AbortSignal): Promise<FoundPage> {
  const json = {
    query: wanted.query,
    sort_order: wanted.order,
    page: Math.floor(wanted.skip / wanted.size) + 1,
    page_size: wanted.size,
    filters: wanted.filters,
  };
  const found = (await (await request('post', '/search', { json, signal })).json()) as components['schemas']['SearchResults'];
  const results = found.results.filter((result) => result.job !== undefined);
  return {
    jobs: results.map((result) => result.job as Job),
    total: found.total,
    matches: new Map(results.map((result) => [(result.job as Job).id, result.matches ?? []])),
  };
}

export interface Part {
  text: string;
  marked: boolean;
}

/** The text cut at its highlights, which count code points. */
export function parts(match: Match): Part[] {
  const letters = [...(match.text ?? '')];
  const cut: Part[] = [];
  let at = 0;
  const add = (to: number, marked: boolean) => {
    if (to > at) cut.push({ text: letters.slice(at, to).join(''), marked });
    at = Math.max(at, to);
  };
  for (const [begin = 0, end = 0] of match.highlights ?? []) {
    add(begin, false);
    add(end, true);
  }
  add(letters.length, false);
  return cut;
}

/** What to look for in the transcript: the first highlight, with those that follow it at once. */
export function markedText(match: Match): string {
  const all = parts(match);
  const first = all.findIndex((part) => part.marked);
  if (first < 0) return '';
  let text = all[first]?.text ?? '';
  for (let at = first + 1; at + 1 < all.length && /^\s+$/.test(all[at]?.text ?? 'x'); at += 2) text += `${all[at]?.text}${all[at + 1]?.text}`;
  return text;
}
