import type { BinnacleEvent, LostReason } from '@binnacle/protocol'
import type { SubscriptionMessage } from './subscription.ts'

/** The newest events of a subscription, newest first, and how true the picture is. */
export interface EventWindowState {
  readonly events: readonly BinnacleEvent[]
  /** `starting`: not accepted yet. `lost`: events were missed; the window was emptied and goes on from now. */
  readonly status: 'starting' | 'replaying' | 'live' | 'lost' | 'refused'
  readonly lost: LostReason | null
  /** Everything up to here was looked at. */
  readonly at: string | null
  /** Events that came since the window was opened, those no longer held included. */
  readonly total: number
}

/** A store of {@link EventWindowState}: one notification per frame, however many events it carries. */
export interface EventWindow {
  readonly state: () => EventWindowState
  readonly onState: (reader: () => void) => () => void
  readonly take: (message: SubscriptionMessage) => void
}

const EMPTY: EventWindowState = { events: [], status: 'starting', lost: null, at: null, total: 0 }

/** Makes a window over the newest `limit` events. */
export function createEventWindow(limit: number): EventWindow {
  let state = EMPTY
  const readers = new Set<() => void>()
  const become = (change: Partial<EventWindowState>): void => {
    state = { ...state, ...change }
    for (const reader of readers) reader()
  }
  return {
    state: () => state,
    onState: (reader) => {
      readers.add(reader)
      return () => readers.delete(reader)
    },
    take: (message) => {
      switch (message.type) {
        case 'events':
          become({
            events: [...message.events.slice(-limit).reverse(), ...state.events].slice(0, limit),
            at: message.to,
            total: state.total + message.events.length,
          })
          return
        case 'subscribed':
          become({ status: state.status === 'live' ? 'live' : 'replaying', at: message.at })
          return
        case 'caught_up':
          become({ status: 'live', at: message.at })
          return
        case 'lost':
          become({ ...EMPTY, status: 'lost', lost: message.reason })
          return
        case 'refused':
          become({ status: 'refused' })
          return
        case 'progress':
        case 'gauges':
        case 'samples':
      }
    },
  }
}
