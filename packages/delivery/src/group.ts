import type { LogEntry } from '@binnacle/protocol'
import { EVENT_TYPES, filterMatches, maySeeEvent, type EventHead, type EventType } from '@binnacle/protocol'
import type { Effective } from './effective-filter.ts'
import type { Subscription } from './subscription.ts'

/**
 * Readers with the same effective filter: one number, one evaluation, one frame. `to` is the seq up to which the
 * members were served; `pending` holds what passed since, until the next tick.
 */
export class Group {
  readonly sub: number
  readonly effective: Effective
  readonly members = new Set<Subscription>()
  /** Subscriptions that hold this number, those that still read the log included. */
  holders = 0
  to: number
  pending: LogEntry[] = []
  /** When the oldest of `pending` came, on the monotonic clock. */
  pendingSince = 0
  readonly #kinds: ReadonlySet<string> | undefined
  readonly #names: ReadonlySet<string> | undefined

  /** `to`: the head as far as it was evaluated. */
  constructor(sub: number, effective: Effective, to: number) {
    this.sub = sub
    this.effective = effective
    this.to = to
    const { kinds, names } = effective.filter
    this.#kinds = kinds?.length ? new Set(kinds) : undefined
    this.#names = names?.length ? new Set(names) : undefined
  }

  /** What depends on scope and type alone: decided once per pair, kept in the index. */
  reachesPair(scope: string, eventType: EventType): boolean {
    const { scopes, types, min_priority } = this.effective.filter
    const head: EventHead = { seq: 0, eventType, scope, kind: null, name: null }
    const wide = { ...(scopes ? { scopes } : {}), ...(types ? { types } : {}), ...(min_priority ? { min_priority } : {}) }
    return Object.hasOwn(EVENT_TYPES, eventType) && filterMatches(wide, head) && maySeeEvent(this.effective.rights, head)
  }

  /** The rest of the filter. */
  passesRest(entry: EventHead): boolean {
    if (this.#kinds !== undefined && (entry.kind === null || !this.#kinds.has(entry.kind))) return false
    return this.#names === undefined || (entry.name !== null && this.#names.has(entry.name))
  }
}
