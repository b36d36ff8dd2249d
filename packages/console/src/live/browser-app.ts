import { createApi, createSignIn } from '@binnacle/client'
import type { App } from '../app-context.tsx'
import { createSignedLink } from './client-link.ts'
import { createRestServer } from './rest-server.ts'

/** Where the API lives, on the page's own origin. */
const BASE = '/api/v1'

/** The app in a browser: REST, live connection and sign-in of the page's own origin. Nothing is sent before `start`. */
export function createBrowserApp(): App {
  const signIn = createSignIn({ base: BASE })
  const server = createRestServer(createApi({ base: BASE, token: () => signIn.currentToken(), onUnauthorized: () => signIn.refresh() }))
  const link = createSignedLink(`${location.origin.replace(/^http/, 'ws')}${BASE}/ws`, signIn, Date.now)
  return {
    server,
    signIn,
    link,
    start() {
      const end = link.start()
      void signIn.resume().catch(() => undefined)
      return end
    },
  }
}
