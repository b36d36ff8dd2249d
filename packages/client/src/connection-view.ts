import type { BinnacleClient } from './binnacle-client.ts'
import { staleSinceOf, type LinkState } from './link-state.ts'

/** The connection as an indicator shows it. Times in milliseconds since 1970. */
export interface ConnectionView {
  readonly state: LinkState
  readonly since: number
  /** Milliseconds since anything was heard from the server, in whole seconds; null = never. */
  readonly proofAgeMs: number | null
  /** Since when what is on screen may be old; null = it is live, or nothing was ever shown. */
  readonly staleSince: number | null
}

const view = (client: BinnacleClient): ConnectionView => {
  const state = client.state()
  const silent = client.silentMs()
  return {
    state,
    since: state.since,
    proofAgeMs: silent === null ? null : Math.floor(silent / 1_000) * 1_000,
    staleSince: staleSinceOf(state),
  }
}

/** A store of {@link ConnectionView} that is fresh at each change of state and once a second. */
export function createConnectionView(client: BinnacleClient, everySecond: (tick: () => void) => () => void) {
  let current = view(client)
  return {
    state: (): ConnectionView => current,
    onState: (reader: () => void): (() => void) => {
      const look = () => {
        const next = view(client)
        if (next.state === current.state && next.proofAgeMs === current.proofAgeMs) return
        current = next
        reader()
      }
      look()
      const endState = client.onState(look)
      const endTicks = everySecond(look)
      return () => {
        endState()
        endTicks()
      }
    },
  }
}
