import { History, type Change } from './history.ts'
import type { KubeObject } from './kube-object.ts'
import { freeze, type StoredObject } from './stored-object.ts'

/** Told of each change of a resource, in order, synchronously. */
export type ChangeListener = (change: Change) => void

/** All objects of one resource with their recent history. */
export class ResourceStore {
  readonly history: History
  readonly #objects = new Map<string, StoredObject>()
  readonly #listeners = new Set<ChangeListener>()
  readonly #clock: RevisionClock
  #order: StoredObject[] | undefined
  #orderIsShared = false
  #past: { revision: number; items: readonly StoredObject[] } | undefined

  constructor(clock: RevisionClock, historyLimit: number) {
    this.#clock = clock
    this.history = new History(historyLimit, clock.revision)
  }

  get size(): number {
    return this.#objects.size
  }

  /** The revision of the whole cluster. */
  get revision(): number {
    return this.#clock.revision
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key)
  }

  /** Every object in key order, as of now: later writes leave this array alone, so it can be streamed at leisure. */
  list(): readonly StoredObject[] {
    this.#order ??= [...this.#objects.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
    this.#orderIsShared = true
    return this.#order
  }

  /** Every object as it was at `revision`; undefined when history does not reach that far back. */
  listAt(revision: number): readonly StoredObject[] | undefined {
    if (revision < this.history.oldestRevision) return undefined
    if (this.#past?.revision === revision) return this.#past.items
    const changes = this.history.after(revision)
    if (changes === undefined) return undefined
    if (changes.length === 0) return this.list()
    const past = new Map(this.#objects)
    for (const change of changes.toReversed()) {
      if (change.previous === undefined) past.delete(change.object.key)
      else past.set(change.object.key, change.previous)
    }
    const items = [...past.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
    // One is enough: pages of one list follow each other.
    this.#past = { revision, items }
    return items
  }

  /** Writes an object (new or changed) under the next revision. */
  put(object: KubeObject): StoredObject {
    const stored = freeze(object, this.#clock.next())
    const previous = this.#objects.get(stored.key)
    this.#objects.set(stored.key, stored)
    if (previous === undefined) this.#order = undefined
    else this.#replace(previous, stored)
    this.#publish({
      revision: stored.revision,
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      object: stored,
      ...(previous && { previous }),
    })
    return stored
  }

  /** Removes an object; its last state is published under a revision of its own. */
  remove(object: KubeObject): StoredObject {
    const stored = freeze(object, this.#clock.next())
    const previous = this.#objects.get(stored.key)
    this.#objects.delete(stored.key)
    this.#order = undefined
    this.#publish({ revision: stored.revision, type: 'DELETED', object: stored, ...(previous && { previous }) })
    return stored
  }

  /** Drops all objects without telling anyone (the resource is no longer served). */
  clear(): void {
    this.#objects.clear()
    this.#order = undefined
    this.history.compact(this.#clock.next())
  }

  /** Listens to changes from now on; returns how to stop. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #replace(previous: StoredObject, stored: StoredObject): void {
    const order = this.#order
    if (order === undefined) return
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order[middle]!.key < previous.key) low = middle + 1
      else high = middle
    }
    if (this.#orderIsShared) {
      this.#order = order.slice()
      this.#orderIsShared = false
    }
    this.#order![low] = stored
  }

  #publish(change: Change): void {
    this.#past = undefined
    this.history.add(change)
    for (const listener of this.#listeners) listener(change)
  }
}

/** The one growing number all resources share. */
export class RevisionClock {
  #revision: number

  constructor(start: number) {
    this.#revision = start
  }

  get revision(): number {
    return this.#revision
  }

  next(): number {
    this.#revision += 1
    return this.#revision
  }

  /** Moves ahead, as when other resources of the cluster change. */
  advance(by: number): void {
    this.#revision += by
  }
}

/** All resources of the lab cluster, in memory. */
export class LabStore {
  readonly clock: RevisionClock
  readonly #stores = new Map<string, ResourceStore>()
  readonly #historyLimit: number

  constructor(options: { readonly startRevision?: number; readonly historyLimit?: number } = {}) {
    this.clock = new RevisionClock(options.startRevision ?? 1000)
    this.#historyLimit = options.historyLimit ?? 10_000
  }

  /** The store of a resource, made when first asked for. */
  resource(key: string): ResourceStore {
    let store = this.#stores.get(key)
    if (store === undefined) {
      store = new ResourceStore(this.clock, this.#historyLimit)
      this.#stores.set(key, store)
    }
    return store
  }

  /** Every resource that has a store. */
  entries(): IterableIterator<[string, ResourceStore]> {
    return this.#stores.entries()
  }
}
