/** How often each account asked what of each resource. */
export class RequestCounts {
  readonly #counts = new Map<string, number>()

  /** Counts one request. */
  add(verb: string, resource: string, account: string): void {
    const key = `${verb} ${resource} ${account}`
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** Counts by `verb resource account`. */
  all(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }

  /** Requests of a verb, of one resource and account or of all. */
  of(verb: string, filter: { readonly resource?: string; readonly account?: string } = {}): number {
    let sum = 0
    for (const [key, count] of this.#counts) {
      const [itsVerb, resource, account] = key.split(' ')
      if (itsVerb !== verb) continue
      if (filter.resource !== undefined && filter.resource !== resource) continue
      if (filter.account !== undefined && filter.account !== account) continue
      sum += count
    }
    return sum
  }
}
