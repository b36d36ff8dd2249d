import type { NewEvent } from './event.ts'
import type { Scope } from './scope.ts'

/** Which object: identity of a row. `group` is '' for the core group; `namespace` '' for cluster-scoped kinds. */
export interface ObjectKey {
  readonly scope: Scope
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * An object as its source holds it now. `document` is JSON text, already cut at the boundary (no secrets, no
 * managedFields, no resourceVersion); text because it crosses a thread, is hashed and is stored as it is.
 */
export interface PutFact {
  readonly fact: 'put'
  readonly key: ObjectKey
  readonly uid: string
  /** resourceVersion. */
  readonly version: string
  readonly document: string
  /**
   * True for kinds whose versions also move for volatile reasons (switch agents): a version whose document is
   * unchanged is then no change at all and writes nothing.
   */
  readonly quiet?: boolean
  /** Milliseconds since 1970. */
  readonly observedAt: number
  /** Set while a listing runs: the listing's id. */
  readonly listing?: string
}

/** An object is gone from its source. `version` is the deletion's resourceVersion where known. */
export interface GoneFact {
  readonly fact: 'gone'
  readonly key: ObjectKey
  readonly uid?: string
  readonly version?: string
  readonly observedAt: number
}

/** Marks a complete listing of one kind. Rows of the kind that were not put between `begin` and `end` are deleted at `end`. */
export interface ListingFact {
  readonly fact: 'listing'
  readonly phase: 'begin' | 'end' | 'abort'
  readonly scope: Scope
  readonly group: string
  readonly kind: string
  /** One listing's id; puts of the listing carry it. */
  readonly listing: string
  /** resourceVersion of the listing, at `end`. */
  readonly version?: string
  /** How many objects the source counted, at `end`; the writer refuses to sweep when it counted another number. */
  readonly count?: number
  /** Objects that are there but could not be read, at `end`: their last good rows stay. */
  readonly keep?: readonly { readonly namespace: string; readonly name: string }[]
  /** Why it was listed. */
  readonly reason?: 'start' | 'expired' | 'requested' | 'reconnect'
  readonly observedAt: number
}

/** A volatile observation that became a judgement, for example "the heartbeat of this switch agent went silent". Kept with the row, moves derived status. */
export interface SignalFact {
  readonly fact: 'signal'
  readonly key: ObjectKey
  readonly name: string
  readonly value: string
  /** Since when, milliseconds since 1970. */
  readonly since: number
  readonly observedAt: number
}

/** An event with no row behind it. */
export interface NoteFact {
  readonly fact: 'note'
  readonly event: NewEvent
}

/** Everything of a scope is forgotten (a fabric was removed). Rows go without one event each. */
export interface ForgetFact {
  readonly fact: 'forget'
  readonly scope: Scope
  /** Only this kind; absent = all of the scope. */
  readonly kind?: { readonly group: string; readonly kind: string }
  readonly observedAt: number
}

/** What sources tell. */
export type Fact = PutFact | GoneFact | ListingFact | SignalFact | NoteFact | ForgetFact

/** A listing that ended: whether it was the first of its kind ever, and how many rows it found different (changed, new, gone). */
export interface EndedListing {
  readonly listing: string
  readonly first: boolean
  readonly differences: number
}

/** What a call wrote. `listings`: those that it ended; absent = none, or a sink that does not tell. */
export interface Written {
  readonly head: number
  readonly listings?: readonly EndedListing[]
}

/** Where facts go. Resolves when they are committed (all in one transaction, at most 1,000 per call), in call order. */
export interface FactSink {
  /**
   * Throws STORE_UNAVAILABLE when nothing could be written (the caller keeps the facts or lists again), STALE_TERM
   * when `term` is no longer the holder's.
   */
  write(facts: readonly Fact[], options?: { readonly term?: number }): Promise<Written>
}
