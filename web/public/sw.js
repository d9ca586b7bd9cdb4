// The service worker: the app opens without a connection, and so does what was read before.
//
//   wt-shell-1     index.html and the files under /assets/ (their names change with their content)
//   wt-private-1   finished transcripts, the list, who is signed in. Asked of the server first, always;
//                  kept for when it does not answer. Emptied when somebody signs out, when the session
//                  is over and from the settings.
//
// Nothing else of the API is kept: no recordings, no keys, no administration.
const shell = 'wt-shell-1';
const priv = 'wt-private-1';
const shellFiles = ['/', '/boot.js', '/favicon.svg', '/manifest.webmanifest'];
const assetsMax = 150;
const repliesMax = 120;

const readable = /^\/api\/v1\/(jobs(\/[0-9a-f-]{36}(\/(document|peaks|metadata|versions))?)?|transcripts\/[0-9a-f-]{36}|auth\/me|setup|export\/formats)$/;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.addAll(shellFiles))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('wt-') && name !== shell && name !== priv).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// Caches keep the order of insertion: the oldest go first.
async function trim(cache, max) {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - max))) await cache.delete(key);
}

async function page(request) {
  const cache = await caches.open(shell);
  try {
    const response = await fetch(request);
    // Every address of the app is the same page.
    if (response.ok && (response.headers.get('Content-Type') ?? '').startsWith('text/html')) await cache.put('/', response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match('/');
    if (kept) return kept;
    throw error;
  }
}

async function asset(request) {
  const cache = await caches.open(shell);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
    await trim(cache, assetsMax);
  }
  return response;
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(shell)).match(request);
    if (kept) return kept;
    throw error;
  }
}

async function keep(request, response) {
  if (response.status === 401) {
    await caches.delete(priv);
    return;
  }
  if (!response.ok || !(response.headers.get('Content-Type') ?? '').includes('json')) return;
  const cache = await caches.open(priv);
  if (/\/jobs\/[0-9a-f-]{36}$/.test(new URL(request.url).pathname)) {
    const job = await response.clone().json();
    if (job.status !== 'completed') return;
  }
  // Put again, it is the newest.
  await cache.delete(request);
  await cache.put(request, response);
  await trim(cache, repliesMax);
}

async function reply(request) {
  try {
    const response = await fetch(request);
    await keep(request, response.clone()).catch(() => undefined);
    return response;
  } catch (error) {
    const kept = await (await caches.open(priv)).match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

// What the page tells on phones (app/notices.ts): the open page goes there, or a new one does.
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const address = new URL(event.notification.data, self.location.origin).href;
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((pages) => {
      const [page] = pages;
      return page ? page.navigate(address).then((moved) => moved?.focus()) : self.clients.openWindow(address);
    }),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.headers.get('Accept') === 'text/event-stream' || request.headers.has('Range')) return;
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request));
  else if (shellFiles.includes(url.pathname) && request.mode !== 'navigate') event.respondWith(file(request));
  else if (readable.test(url.pathname)) event.respondWith(reply(request));
  // Addresses of the API and of the reference are no pages of the app.
  else if (request.mode === 'navigate' && !/^\/(api|v1|docs|redoc|openapi\.json|metrics|health)(\/|$)/.test(url.pathname)) event.respondWith(page(request));
});
