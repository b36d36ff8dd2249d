import type { NewEvent } from './event.ts'
import type { GoneFact, ObjectKey, PutFact } from './facts.ts'

/** Health of anything, best to worst; "unknown" is the worst, because it is never fine. */
export const HEALTHS = ['healthy', 'changing', 'degraded', 'failed', 'unknown'] as const
/** See {@link HEALTHS}. */
export type Health = (typeof HEALTHS)[number]

/** A derived status: a short word, a health, a sentence, and the facts it was derived from. */
export interface DerivedStatus {
  readonly status: string
  readonly health: Health
  readonly text: string
  readonly from: readonly { readonly kind: string; readonly name: string; readonly fact: string }[]
}

/** A reference from one object to another, by name in the same scope. */
export interface Reference {
  readonly group: string
  readonly kind: string
  readonly name: string
  /** What the reference means, e.g. `vpc`, `connection`, `switch`. */
  readonly role: string
}

/** List columns of an object: flat, JSON-safe, at most 1 kB as text. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

/** A judgement kept with a row, see SignalFact. */
export interface Signal {
  readonly value: string
  /** Milliseconds since 1970. */
  readonly since: number
}

/** An object as the store holds it. */
export interface StoredObject {
  readonly key: ObjectKey
  readonly uid: string
  readonly version: string
  readonly hash: string
  /** JSON text. */
  readonly document: string
  readonly row: Row
  readonly derived: DerivedStatus | null
  readonly signals: Readonly<Record<string, Signal>>
}

/** What the projector may ask inside the writer's transaction; synchronous. */
export interface ProjectorReader {
  get(scope: ObjectKey['scope'], group: string, kind: string, name: string): StoredObject | undefined
  /** Objects of the scope that refer to (group, kind, name); optionally of one kind only. At most `limit` (default 10,000). */
  referrers(
    scope: ObjectKey['scope'],
    target: { readonly group: string; readonly kind: string; readonly name: string },
    by?: { readonly group: string; readonly kind: string },
    limit?: number,
  ): readonly StoredObject[]
  /** How many objects of kind `by` refer to (group, kind, name), without reading them. */
  countReferrers(
    scope: ObjectKey['scope'],
    target: { readonly group: string; readonly kind: string; readonly name: string },
    by: { readonly group: string; readonly kind: string },
  ): number
  /** Whether the kind was listed completely at least once; before that "there is none" proves nothing. */
  listed(scope: ObjectKey['scope'], group: string, kind: string): boolean
}

/** What a put becomes. */
export interface Projection {
  readonly row: Row
  readonly labels: Readonly<Record<string, string>>
  readonly references: readonly Reference[]
  readonly events: readonly NewEvent[]
}

/**
 * Turns facts into rows and events. Pure: no clock, no I/O beyond the reader. It runs inside the writer, in the
 * transaction that stores its result, so that log and tables never disagree. The writer decides equality (uid,
 * version, hash), mark and sweep, and leaves events out while a kind is listed for the first time.
 */
export interface Projector {
  /** `stored` is the row before, if there is one with the same uid. `catchUp`: found by a listing, not told by a watch. */
  put(fact: PutFact, stored: StoredObject | undefined, catchUp: boolean): Projection
  /** The events of a deletion. `fact` is absent when a complete listing did not name the object. */
  gone(stored: StoredObject, fact: GoneFact | undefined, observedAt: number, catchUp: boolean): readonly NewEvent[]
  /** Whether objects of this kind have a derived status. */
  derives(group: string, kind: string): boolean
  /** The derived status of an object as its neighbours stand now. It may be about to be stored: `get` finds it, `referrers` do not yet. */
  derive(object: StoredObject, reader: ProjectorReader): DerivedStatus | null
  /**
   * Which objects' derived status may change when this one was put, deleted or signalled (itself included).
   * `change.references` false: what it refers to stayed as it was.
   */
  affected(object: StoredObject, reader: ProjectorReader, change?: { readonly references: boolean }): readonly ObjectKey[]
  /**
   * The kinds whose derived status may depend on objects of this kind, or on whether it was listed; directly or over
   * others. When the kind's first listing ends, their objects are derived again.
   */
  awaiting(group: string, kind: string): readonly { readonly group: string; readonly kind: string }[]
  /** The events of a changed derived status. */
  statusChanged(
    object: StoredObject,
    before: DerivedStatus | null,
    after: DerivedStatus | null,
    observedAt: number,
    catchUp: boolean,
  ): readonly NewEvent[]
}

/** A module that the writer thread loads: it must export `createProjector`. */
export interface ProjectorModule {
  createProjector(): Projector
}
