// All pages and their addresses. src/service/web/site.cc knows the same addresses: it answers them
// with index.html (tests/web checks that the two agree).
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { CrashPage } from './ErrorBoundary';
import { NotFound } from './NotFound';
import { Gate } from './Gate';
import { Shell } from './Shell';
import { Toasts } from '../ui/Toast';

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
  errorComponent: CrashPage,
  notFoundComponent: NotFound,
});

/** Pages for those who are signed in, inside the shell. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: () => (
    <Gate>
      <Shell />
    </Gate>
  ),
  notFoundComponent: NotFound,
});

export interface LibrarySearch {
  q?: string;
  status?: string;
  language?: string;
  sort?: string;
}
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const library = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: (search): LibrarySearch => ({
    q: text(search.q),
    status: text(search.status),
    language: text(search.language),
    sort: text(search.sort),
  }),
  component: lazyRouteComponent(() => import('../screens/library/LibraryPage'), 'LibraryPage'),
});
const newJob = createRoute({
  getParentRoute: () => app,
  path: '/new',
  component: lazyRouteComponent(() => import('../screens/new/NewPage'), 'NewPage'),
});
const transcript = createRoute({
  getParentRoute: () => app,
  path: '/transcript/$jobId',
  component: lazyRouteComponent(() => import('../screens/job/JobPage'), 'JobPage'),
});

const children = [library, newJob, transcript];
const routeTree = root.addChildren([app.addChildren(children)]);
void redirect;

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  scrollRestoration: false,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
