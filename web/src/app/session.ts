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
  queryClient.setQueryData(meQuery.queryKey, null);
});

export async function signOut() {
  try {
    await api.post('/auth/logout', {});
  } finally {
    // What this person saw must not stay for the next one.
    queryClient.clear();
    await forgetOffline();
    queryClient.setQueryData(meQuery.queryKey, null);
  }
}

/** Removes what the service worker keeps for reading offline. */
export async function forgetOffline() {
  if (!('caches' in window)) return;
  for (const name of await caches.keys()) {
    if (name.startsWith('wt-private')) await caches.delete(name);
  }
}
