// Signing in and out. The session is a cookie that scripts cannot read; nothing is kept here.
import { forgetKept } from '../editor/store';
import { api, setSignedOutHandler } from '../api/client';
import { meQuery, queryClient } from '../api/queries';
import { dropRecording, keptRecordings, keptUploads } from '../uploads/keep';
import { setDefaultFormat } from './defaultFormat';
import { forgetSearches } from '../screens/library/suggest';
import { forgetOptions } from '../uploads/options';
import { clearPending } from '../uploads/pending';
import { forgetUploads } from '../uploads/store';

let notice = false;
/** True once after a session ended by itself: the login page says so. */
export function takeExpiryNotice(): boolean {
  const shown = notice;
  notice = false;
  return shown;
}

setSignedOutHandler(() => {
  const wasSignedIn = Boolean(queryClient.getQueryData(meQuery.queryKey));
  if (!wasSignedIn) return;
  notice = true;
  void forgetPerson();
});

/** What would be lost with this browser's copy: recordings never sent, uploads not yet complete. */
export async function unsent(): Promise<{ recordings: number; uploads: number }> {
  const [recordings, uploads] = await Promise.all([keptRecordings(), keptUploads()]);
  return { recordings: recordings.length, uploads: uploads.length };
}

/** Removes what is not sent too: whoever calls this has asked (SignOut.tsx). */
export async function signOut() {
  // Uploads are ended on the server while there is still a session that may.
  await forgetUploads();
  await Promise.all((await keptRecordings()).map((recording) => dropRecording(recording.id)));
  clearPending();
  try {
    await api.post('/auth/logout', {});
  } finally {
    forgetOptions();
    forgetSearches();
    setDefaultFormat('');
    await forgetPerson();
  }
}

/** What this person saw must not stay for the next one. */
export async function forgetPerson() {
  await forgetOffline();
  // Set and not removed: who watches it (the gate) has to hear of it.
  queryClient.setQueryData(meQuery.queryKey, null);
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' && query.queryKey[0] !== 'setup' });
}

/**
 * Removes what the service worker and the editor keep for reading offline. Edits that have not
 * reached the server yet stay, for the same person alone.
 */
export async function forgetOffline() {
  await forgetKept().catch(() => undefined);
  if (!('caches' in window)) return;
  for (const name of await caches.keys()) {
    if (name.startsWith('wt-private')) await caches.delete(name);
  }
}
