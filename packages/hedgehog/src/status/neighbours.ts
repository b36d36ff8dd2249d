import type { Signal } from '@binnacle/protocol'
import type { ResourceDocument } from '../documents/reading.ts'

/** Another object of the same fabric, as it is stored now. */
export interface Neighbour {
  readonly name: string
  readonly document: ResourceDocument
  /**
   * Judgements kept with the object. Of an Agent: `heartbeat` = fresh | silent | unknown, and `apply` = overdue when
   * it has not applied its generation for too long.
   */
  readonly signals: Readonly<Record<string, Signal>>
}

/** What a derivation may ask; answered synchronously from the same transaction. */
export interface Neighbours {
  get(kind: string, name: string): Neighbour | undefined
  /** The objects of kind `by` that refer to the named object. */
  referrers(kind: string, name: string, by: string): readonly Neighbour[]
  /** How many objects of kind `by` refer to the named one, without reading them. Absent: they are read and counted. */
  count?(kind: string, name: string, by: string): number
  /** False while a kind has no complete list yet: then "there is none" proves nothing. Absent: everything is listed. */
  listed?(kind: string): boolean
}
