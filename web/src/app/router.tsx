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
  tag?: string;
  starred?: true;
  archived?: true;
}
export interface TranscriptSearch {
  /** Second of the recording. */
  t?: number;
  /** What to look for in the text. */
  find?: string;
}
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** What was typed may look like a number in the address. */
const words = (value: unknown) => (typeof value === 'number' ? String(value) : text(value));

const library = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: (search): LibrarySearch => ({
    q: words(search.q),
    status: text(search.status),
    language: text(search.language),
    sort: text(search.sort),
    tag: text(search.tag),
    starred: search.starred === true || undefined,
    archived: search.archived === true || undefined,
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
  validateSearch: (search): TranscriptSearch => ({
    t: typeof search.t === 'number' && search.t >= 0 ? search.t : undefined,
    find: words(search.find),
  }),
  component: lazyRouteComponent(() => import('../screens/job/JobPage'), 'JobPage'),
});
const settings = () => import('../screens/settings/SettingsPage');
const admin = () => import('../screens/admin/AdminPage');
const appPages = [
  library,
  newJob,
  transcript,
  createRoute({ getParentRoute: () => app, path: '/settings', component: lazyRouteComponent(settings, 'SettingsPage') }),
  createRoute({ getParentRoute: () => app, path: '/settings/$tab', component: lazyRouteComponent(settings, 'SettingsPage') }),
  createRoute({ getParentRoute: () => app, path: '/admin', component: lazyRouteComponent(admin, 'AdminPage') }),
  createRoute({ getParentRoute: () => app, path: '/admin/$tab', component: lazyRouteComponent(admin, 'AdminPage') }),
  createRoute({
    getParentRoute: () => app,
    path: '/developers',
    component: lazyRouteComponent(() => import('../screens/developers/DevelopersPage'), 'DevelopersPage'),
  }),
  createRoute({ getParentRoute: () => app, path: '/help', component: lazyRouteComponent(() => import('../screens/help/HelpPage'), 'HelpPage') }),
  createRoute({
    getParentRoute: () => app,
    path: '/welcome',
    component: lazyRouteComponent(() => import('../screens/welcome/WelcomePage'), 'WelcomePage'),
  }),
] as const;

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { next?: string } => ({ next: text(search.next) }),
  component: lazyRouteComponent(() => import('../screens/account/LoginPage'), 'LoginPage'),
});
const accountPages = [
  login,
  createRoute({
    getParentRoute: () => root,
    path: '/register',
    component: lazyRouteComponent(() => import('../screens/account/RegisterPage'), 'RegisterPage'),
  }),
  createRoute({ getParentRoute: () => root, path: '/setup', component: lazyRouteComponent(() => import('../screens/account/SetupPage'), 'SetupPage') }),
  createRoute({
    getParentRoute: () => root,
    path: '/change-password',
    component: lazyRouteComponent(() => import('../screens/account/PasswordForm'), 'ChangePasswordPage'),
  }),
] as const;

/** Addresses of earlier versions and of habit lead to the page that does it now. */
function moved(path: string, to: () => Record<string, unknown>) {
  return createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: () => {
      throw redirect(to() as never);
    },
  });
}
function movedJob(path: string) {
  return createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: ({ params }) => {
      throw redirect({ to: '/transcript/$jobId', params: { jobId: (params as { jobId: string }).jobId } });
    },
  });
}
const movedPages = [
  ...['/jobs', '/search'].map((path) => moved(path, () => ({ to: '/', search: Object.fromEntries(new URLSearchParams(location.search)) }))),
  ...['active', 'completed', 'failed'].map((status) => moved(`/${status}`, () => ({ to: '/', search: { status } }))),
  ...['/upload', '/transcribe', '/batch-upload'].map((path) => moved(path, () => ({ to: '/new' }))),
  moved('/api-keys', () => ({ to: '/settings/$tab', params: { tab: 'keys' } })),
  ...['/jobs/$jobId', '/status/$jobId', '/progress/$jobId', '/transcript/$jobId/view'].map(movedJob),
];

const routeTree = root.addChildren([app.addChildren(appPages), ...accountPages]);
// Kept apart: links lead to pages only, so the types need not know these.
routeTree.addChildren([...(routeTree.children as unknown as typeof movedPages), ...movedPages]);

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
