// Registers the service worker where browsers allow one: over TLS and on this machine.

interface Policy {
  createScriptURL(url: string): string;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): Policy;
}

export function registerWorker() {
  if (!('serviceWorker' in navigator) || !window.isSecureContext || import.meta.env.DEV) return;
  // The page's policy lets no other text become the address of a script.
  const factory = (window as { trustedTypes?: Factory }).trustedTypes;
  const policy = factory?.createPolicy('wt', {
    createScriptURL: (url) => {
      if (url !== '/sw.js') throw new TypeError(`${url} is no script of this app`);
      return url;
    },
  });
  window.addEventListener('load', () => {
    navigator.serviceWorker.register(policy ? policy.createScriptURL('/sw.js') : '/sw.js').catch(() => {
      // Without it the app works as before, online.
    });
  });
}
