import type { Gauge } from '@binnacle/protocol'
import type { SubscriptionMessage } from './subscription.ts'

/** The latest volatile values, one per kind and name. `receivedAt`: milliseconds since 1970; add `age_ms` for its age. */
export interface HeldGauge extends Gauge {
  readonly receivedAt: number
}

/** A store of gauges: latest wins; one notification per frame. */
export interface GaugeBoard {
  readonly state: () => readonly HeldGauge[]
  readonly onState: (reader: () => void) => () => void
  readonly take: (message: SubscriptionMessage) => void
}

/** Makes an empty board. `now`: milliseconds since 1970. */
export function createGaugeBoard(now: () => number): GaugeBoard {
  const held = new Map<string, HeldGauge>()
  const readers = new Set<() => void>()
  let state: readonly HeldGauge[] = []
  return {
    state: () => state,
    onState: (reader) => {
      readers.add(reader)
      return () => readers.delete(reader)
    },
    take: (message) => {
      if (message.type !== 'gauges') return
      const receivedAt = now()
      for (const value of message.values) held.set(JSON.stringify([value.scope, value.kind, value.name]), { ...value, receivedAt })
      state = [...held.values()]
      for (const reader of readers) reader()
    },
  }
}
