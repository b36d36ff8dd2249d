import { createContext, useContext, useSyncExternalStore } from 'react'
import type { LinkState, SignInState, SignInStore } from '@binnacle/client'
import type { Link } from './live/link.ts'
import type { Server } from './live/server.ts'

/** What every screen works with. */
export interface App {
  readonly server: Server
  readonly link: Link
  readonly signIn: SignInStore
  /** Begins: looks whether the browser still has a sign-in, and connects with it. Returns the way to end. */
  readonly start: () => () => void
}

/** Hands the {@link App} to the screens. */
export const AppContext = createContext<App | undefined>(undefined)

/** The {@link App}. */
export function useApp(): App {
  const app = useContext(AppContext)
  if (app === undefined) throw new Error('the console was rendered without its app')
  return app
}

/** The REST interface. */
export const useServer = (): Server => useApp().server

/** The state of the live connection. */
export function useLinkState(): LinkState {
  const { link } = useApp()
  return useSyncExternalStore(link.onState, link.state)
}

/** Who is signed in. */
export function useSignInState(): SignInState {
  const { signIn } = useApp()
  return useSyncExternalStore(
    (reader) => signIn.onState(reader),
    () => signIn.state(),
  )
}
