import type { Filter } from '@binnacle/protocol'
import { refusal } from './link.ts'
import type { Link } from './link.ts'
import { addPage, applyEvents, startList } from './list-state.ts'
import type { ListState, ListView } from './list-state.ts'
import type { Server } from './server.ts'
import { createThrottle } from './throttle.ts'
import type { Timers } from './throttle.ts'

/** Rows per request; a refresh asks for as many as are shown, at most the second number. */
export const PAGE_ROWS = 100
const REFRESH_ROWS = 1_000

/** Events after which the answer says something else about the fabrics of a list. The status of a switch agent is told as the health of its switch. */
const SIGNS = ['watch_state_changed', 'sync_completed', 'fabric_*']

/** A list as a view shows it. `readAt`: when the snapshot was read, milliseconds since 1970. */
export interface ListSnapshot {
  readonly step: 'loading' | 'ready' | 'failed'
  readonly list: ListState | undefined
  readonly error: unknown
  readonly readAt: number
  /** Events were missed: a new snapshot is on its way; what is shown is old. */
  readonly resyncing: boolean
  readonly loadingMore: boolean
}

/** One list: its snapshot, the events since, further pages. */
export interface ListStore {
  readonly state: () => ListSnapshot
  readonly onState: (reader: () => void) => () => void
  readonly start: () => void
  readonly stop: () => void
  readonly loadMore: () => void
  /** Reads a new snapshot. */
  readonly refresh: () => void
}

/** What a list store works with. */
export interface ListStoreParts {
  readonly server: Pick<Server, 'resources'>
  readonly link: Pick<Link, 'subscribe'>
  readonly timers: Timers
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A list of one kind under a view. Snapshot and events meet at the position of the answer, so nothing falls in between. */
export function createListStore({ server, link, timers, now }: ListStoreParts, plural: string, kind: string, view: ListView): ListStore {
  let state: ListSnapshot = { step: 'loading', list: undefined, error: undefined, readAt: 0, resyncing: false, loadingMore: false }
  let asking: AbortController | undefined
  let endEvents: () => void = () => undefined
  let endSigns: () => void = () => undefined
  const readers = new Set<() => void>()
  const become = (change: Partial<ListSnapshot>) => {
    state = { ...state, ...change }
    for (const reader of readers) reader()
  }
  const question = {
    plural,
    ...(view.fabric === undefined ? {} : { fabric: view.fabric }),
    ...(view.q === undefined ? {} : { q: view.q }),
    ...(view.status === undefined ? {} : { status: view.status }),
    ...(view.sort === undefined ? {} : { sort: view.sort }),
  }
  const scopes = [view.fabric === undefined ? 'fabric/*' : `fabric/${view.fabric}`]

  const listen = (from: string) => {
    endEvents()
    const filter: Filter = { scopes, types: ['cr_*', 'switch_health_changed'], kinds: [kind] }
    endEvents = link.subscribe(filter, from, (message) => {
      switch (message.type) {
        case 'events': {
          if (state.list === undefined) return
          const list = applyEvents(state.list, message.events, view, timers.now())
          if (list === state.list) return
          become({ list })
          if (list.unsure) again.call()
          return
        }
        case 'lost':
          become({ resyncing: true })
          void read()
          return
        case 'refused':
          // With `retry` the client asks again by itself.
          if (!message.retry) become({ error: refusal(message) })
          return
        case 'subscribed':
        case 'progress':
        case 'caught_up':
        case 'gauges':
        case 'samples':
      }
    })
  }

  const read = async () => {
    asking?.abort()
    const mine = new AbortController()
    asking = mine
    const limit = Math.min(REFRESH_ROWS, Math.max(PAGE_ROWS, state.list?.rows.length ?? 0))
    try {
      const page = await server.resources(question, { limit }, mine.signal)
      if (mine.signal.aborted) return
      become({
        step: 'ready',
        list: { ...startList(page), touched: state.list?.touched ?? new Map() },
        error: undefined,
        readAt: now(),
        resyncing: false,
        loadingMore: false,
      })
      listen(page.at)
    } catch (error) {
      if (mine.signal.aborted) return
      // What was shown stays, marked as old.
      become({ step: state.list === undefined ? 'failed' : 'ready', error, loadingMore: false })
    }
  }
  const more = async (cursor: string, mine: AbortController) => {
    try {
      const page = await server.resources(question, { cursor, limit: PAGE_ROWS }, mine.signal)
      if (!mine.signal.aborted && state.list !== undefined) become({ list: addPage(state.list, page), loadingMore: false })
    } catch (error) {
      if (!mine.signal.aborted) become({ error, loadingMore: false })
    }
  }
  const again = createThrottle(timers, 1_500, () => void read())

  return {
    state: () => state,
    onState(reader) {
      readers.add(reader)
      return () => {
        readers.delete(reader)
      }
    },
    start() {
      void read()
      // Whether a fabric is listed, and how its watch is, comes with the answer.
      endSigns = link.subscribe(
        { scopes, types: [...SIGNS, ...(kind === 'Agent' ? ['switch_health_changed'] : [])] },
        undefined,
        (message) => {
          if (message.type === 'events' || message.type === 'lost') again.call()
        },
      )
    },
    stop() {
      asking?.abort()
      asking = undefined
      endEvents()
      endSigns()
      again.end()
    },
    loadMore() {
      const { list } = state
      if (list === undefined || list.cursor === null || state.loadingMore || asking === undefined) return
      const mine = asking
      become({ loadingMore: true })
      void more(list.cursor, mine)
    },
    refresh: () => void read(),
  }
}
