// Signing in and out. The session is a cookie that scripts cannot read; nothing is kept here.
import { api, setSignedOutHandler } from '../api/client';
import { meQuery, queryClient } from '../api/queries';

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

export async function signOut() {
  try {
    await api.post('/auth/logout', {});
  } finally {
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

/** Removes what the service worker keeps for reading offline. */
export async function forgetOffline() {
  if (!('caches' in window)) return;
  for (const name of await caches.keys()) {
    if (name.startsWith('wt-private')) await caches.delete(name);
  }
}
