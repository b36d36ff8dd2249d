import type { WatchStream, EndMode } from './watch-stream.ts'

/** One open watch as tests and the control endpoint see it. */
export interface OpenWatch {
  readonly id: number
  readonly resource: string
  readonly account: string
  readonly namespace: string
  readonly startedAt: number
  readonly stream: WatchStream
  /** Sends a bookmark now, if its reader asked for bookmarks and no fault drops them. */
  readonly bookmark: () => void
  /** Ends it as a timeout of the server would: a last bookmark when asked for, then a clean end. */
  readonly finish: () => void
}

/** Which watches are meant; absent fields mean all. */
export interface WatchFilter {
  readonly resource?: string
  readonly account?: string
}

/** Every watch that is open now, and how many there have been. */
export class Watches {
  readonly #open = new Map<number, OpenWatch>()
  readonly #total = new Map<string, number>()
  #next = 1

  add(watch: Omit<OpenWatch, 'id'>): OpenWatch {
    const entry = { ...watch, id: this.#next }
    this.#next += 1
    this.#open.set(entry.id, entry)
    const key = `${watch.resource} ${watch.account}`
    this.#total.set(key, (this.#total.get(key) ?? 0) + 1)
    return entry
  }

  remove(id: number): void {
    this.#open.delete(id)
  }

  /** The open watches that the filter means. */
  matching(filter: WatchFilter = {}): OpenWatch[] {
    return [...this.#open.values()].filter(
      (watch) =>
        (filter.resource === undefined || filter.resource === watch.resource) &&
        (filter.account === undefined || filter.account === watch.account),
    )
  }

  /** Watches started since the server began, by `resource account`. */
  totals(): ReadonlyMap<string, number> {
    return this.#total
  }

  /** Ends the watches meant; returns how many. */
  end(filter: WatchFilter, mode: EndMode): number {
    const meant = this.matching(filter)
    for (const watch of meant) watch.stream.end(mode)
    return meant.length
  }
}
