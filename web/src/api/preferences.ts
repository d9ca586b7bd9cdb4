// What a person set, kept by the server for all of his browsers. The document is replaced as a whole:
// changes wait for each other, so that none of them is lost.
import { api } from './client';
import type { components } from './schema';

type Served = components['schemas']['Preferences'];
type Values = Record<string, string | number | boolean | null>;
/** The server's description leaves open what these two have in them. */
export type Preferences = Omit<Served, 'default_options' | 'keymap'> & { default_options?: Values; keymap?: Values };

export const readPreferences = async (): Promise<Preferences> => (await api.get('/preferences')) as unknown as Preferences;

let last: Promise<unknown> = Promise.resolve();

/** Replaces the named members; undefined takes one away. */
export function changePreferences(part: Partial<Preferences>): Promise<void> {
  const change = last.then(async () => {
    await api.put('/preferences', { json: { ...(await readPreferences()), ...part } as unknown as Served });
  });
  last = change.catch(() => undefined);
  return change;
}
