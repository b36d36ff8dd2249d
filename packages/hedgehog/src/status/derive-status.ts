import type { DerivedStatus } from '@binnacle/protocol'
import { nameOf } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { EXPECTED_KINDS } from '../kinds/registry.ts'
import { Derivation } from './derivation.ts'
import type { Neighbours } from './neighbours.ts'

const DERIVED_KINDS: ReadonlySet<string> = new Set([...EXPECTED_KINDS.map((kind) => kind.kind), 'Agent'])

/** Whether objects of a kind have a derived status: the 12 expected kinds, which have none of their own, and Agent. */
export function derivesStatus(kind: string): boolean {
  return DERIVED_KINDS.has(kind)
}

/**
 * The status of an object as its neighbours stand now, with the facts it was derived from. Words: live, applying,
 * degraded, failed, unknown; not_deployed (nothing uses it, which is known), declared (namespaces and groups).
 * What cannot be known is unknown, never fine. `undefined` for kinds without one. Never throws.
 *
 * For many objects of one transaction make one {@link Derivation} and ask it: it remembers what they share.
 */
export function deriveStatus(kind: string, document: ResourceDocument, neighbours: Neighbours): DerivedStatus | undefined {
  return new Derivation(neighbours).derive(kind, nameOf(document), document)
}
