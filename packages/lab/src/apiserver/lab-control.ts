import type { AccountSpec } from './accounts.ts'
import { CRD_KEY } from './built-in-resources.ts'
import type { Fault } from './faults.ts'
import type { JsonObject } from './json.ts'
import type { LabCore } from './request-context.ts'
import { generate, seedObjects } from './seed.ts'
import { keyOf, thaw } from './stored-object.ts'
import { tooOldError } from './watch.ts'
import { watchLine } from './watch-events.ts'
import type { EndMode } from './watch-stream.ts'
import type { WatchFilter } from './watches.ts'

/** An open watch in words. */
export interface WatchReport {
  readonly id: number
  readonly resource: string
  readonly account: string
  readonly namespace: string
  readonly startedAt: number
  readonly queuedBytes: number
  readonly stalled: boolean
}

/** Numbers that prove what clients did. Maps are keyed `resource account`, requests `verb resource account`. */
export interface LabCounts {
  readonly revision: number
  readonly objects: Readonly<Record<string, number>>
  readonly watchesOpen: Readonly<Record<string, number>>
  readonly watchesTotal: Readonly<Record<string, number>>
  readonly requests: Readonly<Record<string, number>>
  readonly slowWatchers: number
}

/** How a restart goes: history is forgotten unless kept; afterwards requests get 429 for a while if asked. */
export interface RestartOptions {
  readonly downMs?: number
  readonly keepHistory?: boolean
  readonly refuseSeconds?: number
  readonly retryAfterSeconds?: number
}

/** Everything that can be done to a lab server from outside the Kubernetes protocol. */
export class LabControl {
  readonly #core: LabCore
  readonly #restart: (options: RestartOptions) => Promise<void>

  constructor(core: LabCore, restart: (options: RestartOptions) => Promise<void>) {
    this.#core = core
    this.#restart = restart
  }

  /** The watches that are open. */
  watches(filter: WatchFilter = {}): WatchReport[] {
    return this.#core.watches.matching(filter).map(({ id, resource, account, namespace, startedAt, stream }) => ({
      id,
      resource,
      account,
      namespace,
      startedAt,
      queuedBytes: stream.queuedBytes,
      stalled: stream.stalled,
    }))
  }

  /** All counters. */
  counts(): LabCounts {
    const { store, watches, counts, faults } = this.#core
    const open: Record<string, number> = {}
    for (const { resource, account } of watches.matching()) open[`${resource} ${account}`] = (open[`${resource} ${account}`] ?? 0) + 1
    return {
      revision: store.clock.revision,
      objects: Object.fromEntries([...store.entries()].map(([key, resource]) => [key, resource.size])),
      watchesOpen: open,
      watchesTotal: Object.fromEntries(watches.totals()),
      requests: counts.all(),
      slowWatchers: faults.slowWatchers,
    }
  }

  /** Lists answered so far, of one resource and account or of all. */
  lists(filter: WatchFilter = {}): number {
    return this.#core.counts.of('list', filter)
  }

  /** Switches a fault on (see Fault); returns how to switch it off. A `stall` also takes the watches already open. */
  fault(fault: Fault): () => void {
    const off = this.#core.faults.add(fault)
    if (fault.type === 'stall') for (const { stream } of this.#core.watches.matching(fault)) stream.stall(true)
    return () => {
      off()
      this.#releaseStalls()
    }
  }

  /** Switches all faults of a type off, or all of them. Stalled watches go on with what they held back. */
  clearFaults(type?: Fault['type']): void {
    this.#core.faults.clear(type)
    this.#releaseStalls()
  }

  faults(): Fault[] {
    return this.#core.faults.list()
  }

  /** Ends open watches cleanly or by reset; returns how many. */
  endWatches(filter: WatchFilter = {}, mode: EndMode = 'fin'): number {
    return this.#core.watches.end(filter, mode)
  }

  /** Ends open watches as the server's own timeout does: a last bookmark, then a clean end. */
  timeOutWatches(filter: WatchFilter = {}): number {
    const meant = this.#core.watches.matching(filter)
    for (const watch of meant) watch.finish()
    return meant.length
  }

  /** Sends a 410 ERROR event in open watches and ends them; returns how many. */
  expireWatches(filter: WatchFilter = {}): number {
    const meant = this.#core.watches.matching(filter)
    for (const { resource, stream } of meant) {
      const store = this.#core.store.resource(resource)
      stream.send(watchLine('ERROR', tooOldError(store.revision, store).body))
      stream.end('fin')
    }
    return meant.length
  }

  /** Writes these bytes into open watches as they are (a broken line, half a line, a foreign object). */
  injectRaw(bytes: string, filter: WatchFilter = {}): number {
    const meant = this.#core.watches.matching(filter)
    for (const { stream } of meant) stream.send(Buffer.from(bytes))
    return meant.length
  }

  /** Sends a bookmark now to the open watches that asked for them, instead of waiting for the next. */
  sendBookmarks(filter: WatchFilter = {}): void {
    for (const watch of this.#core.watches.matching(filter)) watch.bookmark()
  }

  /** Moves the cluster's revision ahead, as changes of other resources do; returns the new one. */
  bump(by = 1): number {
    this.#core.store.clock.advance(by)
    return this.#core.store.clock.revision
  }

  /** Forgets the history of a resource (or all): older versions are answered with 410 from now on. */
  compact(resource?: string): void {
    for (const [key, store] of this.#core.store.entries()) {
      if (resource === undefined || resource === key) store.history.compact(this.#core.store.clock.revision)
    }
  }

  /** Keeps at most this many changes per resource. */
  shrinkHistory(limit: number, resource?: string): void {
    for (const [key, store] of this.#core.store.entries()) if (resource === undefined || resource === key) store.history.resize(limit)
  }

  /** Puts objects in past admission and validation; returns how many. */
  seed(objects: Iterable<JsonObject>): number {
    return seedObjects(this.#core, objects)
  }

  /** Seeds `count` objects made from a template in which `{i}` stands for the number. */
  seedMany(template: JsonObject, count: number, first = 0): number {
    return seedObjects(this.#core, generate(template, count, first))
  }

  /** Removes one object without any rule. False when it is not there. */
  remove(resource: string, namespace: string, name: string): boolean {
    const store = this.#core.store.resource(resource)
    const stored = store.get(keyOf(namespace, name))
    if (stored === undefined) return false
    store.remove(thaw(stored))
    return true
  }

  /** Makes one object so large that its JSON has at least this many bytes. False when it is not there. */
  inflate(resource: string, namespace: string, name: string, bytes: number): boolean {
    const store = this.#core.store.resource(resource)
    const stored = store.get(keyOf(namespace, name))
    if (stored === undefined) return false
    const object = thaw(stored)
    const annotations = { ...object.metadata.annotations, 'lab/padding': 'x'.repeat(Math.max(0, bytes - stored.json.length)) }
    store.put({ ...object, metadata: { ...object.metadata, annotations } })
    return true
  }

  /** Adds or replaces an account; returns its token. */
  addAccount(name: string, spec: AccountSpec): string {
    this.#core.accounts.add(name, spec)
    return this.#core.accounts.token(name, this.#core.now())
  }

  /** A new token; old ones end after `graceMs`. */
  rotateToken(account: string, graceMs = 0): string {
    return this.#core.accounts.rotate(account, graceMs, this.#core.now())
  }

  /** Ends all tokens of an account: its next request gets 401. */
  expireTokens(account: string): void {
    this.#core.accounts.expire(account, this.#core.now())
  }

  /** Stops serving a CRD (`plural.group`): its object and all objects of it go. False when it was not served. */
  unserve(crdName: string): boolean {
    return this.remove(CRD_KEY, '', crdName)
  }

  /** Serves a CRD from now on, or serves it differently. */
  serve(crd: JsonObject): void {
    seedObjects(this.#core, [crd])
  }

  /** Stops listening, cuts every connection, and listens again on the same port with the same objects. */
  async restart(options: RestartOptions = {}): Promise<void> {
    if (options.refuseSeconds !== undefined) {
      // Set before the port opens, so that the first request already meets it.
      this.#core.faults.add({
        type: 'refuse',
        status: 429,
        seconds: options.refuseSeconds,
        retryAfterSeconds: options.retryAfterSeconds ?? 1,
      })
    }
    if (options.keepHistory !== true) this.compact()
    await this.#restart(options)
  }

  #releaseStalls(): void {
    for (const { resource, account, stream } of this.#core.watches.matching()) {
      if (stream.stalled && !this.#core.faults.active('stall', resource, account)) stream.stall(false)
    }
  }
}
