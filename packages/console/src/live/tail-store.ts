import type { BinnacleEvent } from '@binnacle/protocol'

/** Events as a live tail shows them, newest first. */
export interface TailState {
  readonly events: readonly BinnacleEvent[]
  /** Newer events that wait while it is paused. */
  readonly waiting: number
  readonly paused: boolean
  /** Events that were dropped from the far end because of the limit; they are still on the server. */
  readonly cut: boolean
  /** Events were missed and the tail was read anew since. */
  readonly gap: boolean
}

/** A live tail: decides what is shown; renders nothing. */
export interface TailStore {
  readonly state: () => TailState
  readonly onState: (reader: () => void) => () => void
  /** Live events, oldest first. */
  readonly push: (events: readonly BinnacleEvent[]) => void
  /** Older events, newest first; for "load older". */
  addOlder(events: readonly BinnacleEvent[]): void
  /** Starts over with a snapshot, newest first. `gap`: because events were missed. */
  restart(events: readonly BinnacleEvent[], gap: boolean): void
  readonly pause: () => void
  readonly resume: () => void
}

const EMPTY: TailState = { events: [], waiting: 0, paused: false, cut: false, gap: false }

/** Makes a tail that keeps at most `limit` live events; doubles are dropped by position. */
export function createTailStore(limit: number): TailStore {
  let state = EMPTY
  let held: BinnacleEvent[] = []
  const readers = new Set<() => void>()
  const become = (next: TailState) => {
    state = next
    for (const reader of readers) reader()
  }
  const newest = (): number => held.at(-1)?.seq ?? state.events[0]?.seq ?? 0
  const sameEpoch = (event: BinnacleEvent): boolean => {
    const known = held.at(-1) ?? state.events[0]
    return known === undefined || known.epoch === event.epoch
  }
  const fresh = (events: readonly BinnacleEvent[]): BinnacleEvent[] => {
    const after: BinnacleEvent[] = []
    for (const event of events) if (!sameEpoch(event) || event.seq > (after.at(-1)?.seq ?? newest())) after.push(event)
    return after
  }
  const show = (events: readonly BinnacleEvent[]) => {
    const all = [...events.toReversed(), ...state.events]
    become({ ...state, events: all.slice(0, limit), cut: state.cut || all.length > limit, waiting: 0 })
  }
  return {
    state: () => state,
    onState(reader) {
      readers.add(reader)
      return () => {
        readers.delete(reader)
      }
    },
    push(events) {
      const after = fresh(events)
      if (after.length === 0) return
      if (!state.paused) return show(after)
      held = [...held, ...after].slice(-limit)
      become({ ...state, waiting: held.length })
    },
    addOlder(events) {
      const oldest = state.events.at(-1)?.seq ?? Infinity
      become({ ...state, events: [...state.events, ...events.filter((event) => event.seq < oldest)], cut: false })
    },
    restart(events, gap) {
      held = []
      become({ ...EMPTY, events, paused: state.paused, gap: gap || state.gap })
    },
    pause() {
      become({ ...state, paused: true })
    },
    resume() {
      const events = held
      held = []
      state = { ...state, paused: false }
      show(events)
    },
  }
}
