import { createBinnacleClient } from '@binnacle/client'
import type { BinnacleClient, ClientStats, LinkState, SignInStore } from '@binnacle/client'
import { BinnacleError } from '@binnacle/protocol'
import type { Link } from './link.ts'

/** A {@link Link} that lives as long as a sign-in does. */
export interface SignedLink extends Link {
  /** Follows the sign-in: connects with it, ends with it. Returns the way to end. */
  start(): () => void
}

/** The live connection of whoever is signed in. `url` is that of the server's WebSocket. */
export function createSignedLink(url: string, signIn: SignInStore, now: () => number): SignedLink {
  let client: BinnacleClient | undefined
  let before: LinkState = { step: 'connecting', since: now(), attempt: 0, staleSince: null }
  const readers = new Set<() => void>()
  const tell = () => {
    for (const reader of readers) reader()
  }
  const open = (): BinnacleClient => {
    if (client !== undefined) return client
    client = createBinnacleClient({
      url,
      name: 'console',
      token: async ({ fresh }) => {
        if (fresh && !(await signIn.refresh())) throw new BinnacleError('NOT_AUTHENTICATED')
        return signIn.token()
      },
    })
    client.onState(tell)
    tell()
    return client
  }
  const close = () => {
    client?.close()
    client = undefined
    before = { step: 'ended', since: now(), staleSince: null, reason: 'signed out', code: null }
    tell()
  }
  return {
    state: () => client?.state() ?? before,
    stats: (): ClientStats | undefined => client?.stats(),
    onState(reader) {
      readers.add(reader)
      return () => {
        readers.delete(reader)
      }
    },
    subscribe(filter, from, listener) {
      const subscription = open().subscribe({ filter, ...(from === undefined ? {} : { from }) }, listener)
      return () => subscription.end()
    },
    start() {
      const follow = () => {
        const { step } = signIn.state()
        if (step === 'signed_in') open()
        else if (step === 'signed_out' && client !== undefined) close()
      }
      const end = signIn.onState(follow)
      follow()
      return () => {
        end()
        if (client !== undefined) close()
      }
    },
  }
}
