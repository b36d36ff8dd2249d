import type { Filter } from '@binnacle/protocol'
import { questionOf } from './event-question.ts'
import { refusal } from './link.ts'
import type { Link } from './link.ts'
import type { Server } from './server.ts'
import { createTailStore } from './tail-store.ts'
import type { TailStore } from './tail-store.ts'

/** How far the reading of a tail is. */
export interface TailProgress {
  readonly step: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  /** Whether older events exist than those that are shown. */
  readonly more: boolean
  readonly loadingOlder: boolean
  /** Milliseconds since 1970. */
  readonly readAt: number
}

/** A live tail with its reading: the newest events by REST, then the events since, from the answer's own position. */
export interface Tail {
  readonly store: TailStore
  readonly progress: () => TailProgress
  readonly onProgress: (reader: () => void) => () => void
  readonly start: () => void
  readonly stop: () => void
  readonly loadOlder: () => void
}

const PAGE = 100

/** Makes a tail over a filter that keeps at most `limit` live events. */
export function createTail(
  { server, link }: { readonly server: Pick<Server, 'latestEvents'>; readonly link: Pick<Link, 'subscribe'> },
  filter: Filter,
  limit: number,
): Tail {
  const store = createTailStore(limit)
  const question = questionOf(filter)
  let progress: TailProgress = { step: 'loading', error: undefined, more: false, loadingOlder: false, readAt: 0 }
  let asking: AbortController | undefined
  let end: () => void = () => undefined
  const readers = new Set<() => void>()
  const become = (change: Partial<TailProgress>) => {
    progress = { ...progress, ...change }
    for (const reader of readers) reader()
  }
  const read = async (gap: boolean) => {
    asking?.abort()
    end()
    const mine = new AbortController()
    asking = mine
    try {
      const page = await server.latestEvents(question, { limit: PAGE }, mine.signal)
      if (mine.signal.aborted) return
      store.restart(page.events, gap)
      become({ step: 'ready', error: undefined, more: page.more, loadingOlder: false, readAt: Date.now() })
      end = link.subscribe(filter, page.at, (message) => {
        if (message.type === 'events') store.push(message.events)
        else if (message.type === 'lost') void read(true)
        else if (message.type === 'refused' && !message.retry) become({ step: 'failed', error: refusal(message) })
      })
    } catch (error) {
      if (!mine.signal.aborted) become({ step: 'failed', error })
    }
  }
  const readOlder = async (before: string, mine: AbortController) => {
    try {
      const page = await server.latestEvents(question, { before, limit: PAGE }, mine.signal)
      if (mine.signal.aborted) return
      store.addOlder(page.events)
      become({ loadingOlder: false, more: page.more })
    } catch (error) {
      if (!mine.signal.aborted) become({ loadingOlder: false, step: 'failed', error })
    }
  }
  return {
    store,
    progress: () => progress,
    onProgress(reader) {
      readers.add(reader)
      return () => {
        readers.delete(reader)
      }
    },
    start: () => void read(false),
    stop() {
      asking?.abort()
      end()
    },
    loadOlder() {
      const oldest = store.state().events.at(-1)
      const mine = asking
      if (oldest === undefined || mine === undefined || progress.loadingOlder) return
      become({ loadingOlder: true })
      void readOlder(`${oldest.epoch}:${oldest.seq}`, mine)
    },
  }
}
