import { Outlet, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { idOf, parseSearchText, searchText, textOf } from './search-text.ts'
import { Shell } from './shell/shell.tsx'
import { FabricsScreen } from './screens/fabrics/fabrics.tsx'
import { ErrorScreen, NotFoundScreen } from './screens/not-found/not-found.tsx'
import { SignInScreen } from './screens/sign-in/sign-in.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundScreen })

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // A redirect is thrown: the router's own way.
    // oxlint-disable-next-line typescript/only-throw-error
    throw redirect({ to: '/fabrics' })
  },
})
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { to?: string } => ({ to: textOf(search['to'], 500) }),
  component: SignInScreen,
})
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./screens/setup/setup.tsx'), 'SetupScreen'),
})

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell })
const fabrics = createRoute({ getParentRoute: () => shell, path: '/fabrics', component: FabricsScreen })
const fabric = createRoute({
  getParentRoute: () => shell,
  path: '/fabrics/$fabric',
  component: lazyRouteComponent(() => import('./screens/fabric/fabric.tsx'), 'FabricScreen'),
})
const object = createRoute({
  getParentRoute: () => shell,
  path: '/fabrics/$fabric/$slug/$name',
  validateSearch: (search): { namespace?: string } => ({ namespace: textOf(search['namespace'], 253) }),
  component: lazyRouteComponent(() => import('./screens/object/object.tsx'), 'ObjectScreen'),
})
const events = createRoute({
  getParentRoute: () => shell,
  path: '/events',
  validateSearch: (search): { scope?: string; types?: string; kinds?: string; name?: string; priority?: string } => ({
    scope: textOf(search['scope'], 100),
    types: textOf(search['types'], 500),
    kinds: textOf(search['kinds'], 500),
    name: textOf(search['name'], 253),
    priority: textOf(search['priority'], 20),
  }),
  component: lazyRouteComponent(() => import('./screens/events/events.tsx'), 'EventsScreen'),
})
const realtime = createRoute({
  getParentRoute: () => shell,
  path: '/realtime',
  component: lazyRouteComponent(() => import('./screens/realtime/realtime.tsx'), 'RealtimeScreen'),
})
const resources = createRoute({
  getParentRoute: () => shell,
  path: '/$slug',
  validateSearch: (search): { fabric?: number; q?: string; status?: string; sort?: string } => ({
    fabric: idOf(search['fabric']),
    q: textOf(search['q']),
    status: textOf(search['status'], 64),
    sort: textOf(search['sort'], 64),
  }),
  component: lazyRouteComponent(() => import('./screens/resources/resources.tsx'), 'ResourcesScreen'),
})

/** All pages and their addresses. */
export const router = createRouter({
  routeTree: root.addChildren([index, signIn, setup, shell.addChildren([fabrics, fabric, object, events, realtime, resources])]),
  parseSearch: parseSearchText,
  stringifySearch: searchText,
  defaultErrorComponent: ErrorScreen,
  defaultNotFoundComponent: NotFoundScreen,
  // A screen's code is fetched when its link is pointed at or focused; its data comes when it opens.
  defaultPreload: 'intent',
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
