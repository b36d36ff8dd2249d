import { BinnacleError, type EndedListing, type Fact, type FactSink, type ObjectKey, type Written } from '@binnacle/protocol'

/** A change as a reader of facts sees it. */
export interface LedgerChange {
  readonly change: 'created' | 'updated' | 'deleted'
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly document: string
}

interface Row {
  readonly key: ObjectKey
  readonly uid: string
  readonly version: string
  readonly document: string
}

const keyText = (key: ObjectKey): string => `${key.group}/${key.kind}/${key.namespace}/${key.name}`

/**
 * A reader of facts for suites: applies them as their contract says (mark and sweep, equality by uid, version and
 * document) and keeps what changed, so that it can be compared with the server's own list. It outlives sources, as an
 * inventory outlives restarts.
 */
export class FactLedger implements FactSink {
  readonly facts: Fact[] = []
  readonly changes: LedgerChange[] = []
  readonly rows = new Map<string, Row>()
  readonly #open = new Map<string, { readonly id: string; readonly named: Set<string>; readonly changes: number }>()
  readonly #listed = new Set<string>()
  #ended: EndedListing[] = []
  /** When set, writes fail with it. */
  failure: Error | undefined

  write(facts: readonly Fact[]): Promise<Written> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.#ended = []
    for (const fact of facts) {
      this.facts.push(fact)
      this.#apply(fact)
    }
    return Promise.resolve({ head: this.facts.length, listings: this.#ended })
  }

  /** Rows of a kind, `namespace/name uid version`, sorted: to compare with a server's list. */
  lines(kind: string): string[] {
    return [...this.rows.values()]
      .filter(({ key }) => key.kind === kind)
      .map(({ key, uid, version }) => `${key.namespace}/${key.name} ${uid} ${version}`)
      .sort()
  }

  /** Changes of one object, in order. */
  changesOf(name: string): string[] {
    return this.changes.filter((each) => each.name === name).map(({ change }) => change)
  }

  #apply(fact: Fact): void {
    if (fact.fact === 'put') this.#put(fact)
    else if (fact.fact === 'gone') {
      const row = this.rows.get(keyText(fact.key))
      if (row !== undefined && (fact.uid === undefined || fact.uid === row.uid)) this.#remove(row)
    } else if (fact.fact === 'listing') this.#listing(fact)
  }

  #put(fact: Fact & { fact: 'put' }): void {
    const text = keyText(fact.key)
    if (fact.listing !== undefined) {
      const open = this.#open.get(`${fact.key.group}/${fact.key.kind}`)
      if (open?.id === fact.listing) open.named.add(text)
    }
    const before = this.rows.get(text)
    if (before?.uid === fact.uid && before.document === fact.document && (before.version === fact.version || fact.quiet === true)) return
    if (before !== undefined && before.uid !== fact.uid) this.#remove(before)
    const change = before?.uid === fact.uid ? 'updated' : 'created'
    this.rows.set(text, { key: fact.key, uid: fact.uid, version: fact.version, document: fact.document })
    this.changes.push({ change, kind: fact.key.kind, name: fact.key.name, uid: fact.uid, document: fact.document })
  }

  #remove(row: Row): void {
    this.rows.delete(keyText(row.key))
    this.changes.push({ change: 'deleted', kind: row.key.kind, name: row.key.name, uid: row.uid, document: row.document })
  }

  #listing(fact: Fact & { fact: 'listing' }): void {
    const kind = `${fact.group}/${fact.kind}`
    if (fact.phase === 'begin') this.#open.set(kind, { id: fact.listing, named: new Set(), changes: this.#changesOfKind(fact.kind) })
    const open = this.#open.get(kind)
    if (fact.phase === 'begin' || open?.id !== fact.listing) return
    this.#open.delete(kind)
    if (fact.phase === 'abort') return
    if (fact.count !== undefined && fact.count !== open.named.size) throw new BinnacleError('CONFLICT', 'the listing named another number')
    const kept = new Set(fact.keep?.map(({ namespace, name }) => `${namespace}/${name}`))
    for (const [text, row] of this.rows) {
      if (row.key.group !== fact.group || row.key.kind !== fact.kind || open.named.has(text)) continue
      if (!kept.has(`${row.key.namespace}/${row.key.name}`)) this.#remove(row)
    }
    this.#ended.push({ listing: fact.listing, first: !this.#listed.has(kind), differences: this.#changesOfKind(fact.kind) - open.changes })
    this.#listed.add(kind)
  }

  #changesOfKind(kind: string): number {
    return this.changes.filter((each) => each.kind === kind).length
  }
}
