// Goal: the server answers exactly the addresses of the router with the page.
// Method: both are read as text; the server's list is in src/service/web/site.cc.
import { expect, it } from 'vitest';
import site from '../../../src/service/web/site.cc?raw';
import source from './router.tsx?raw';

it('has the same pages in the router and in the server', () => {
  const server = [...site.matchAll(/\{"(\/[^"]*)", Audience::/g)].map((m) => m[1]);
  const named = [...source.matchAll(/path: '(\/[^']*)'/g), ...source.matchAll(/moved\('(\/[^']*)'/g)].map((m) => m[1] ?? '');
  const lists = [...source.matchAll(/\[([^\]]*)\]\.map\((movedJob|\(path\)|\(status\))/g)].flatMap((m) =>
    [...(m[1] ?? '').matchAll(/'([^']+)'/g)].map((n) => (n[1]?.startsWith('/') ? n[1] : `/${n[1]}`)),
  );
  const router = [...named, ...lists].map((path) => path.replace(/\$\w+/g, '*'));
  expect(router.length).toBeGreaterThan(20);
  expect([...new Set(router)].sort()).toEqual([...new Set(server)].sort());
});
