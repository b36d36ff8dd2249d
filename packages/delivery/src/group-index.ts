import type { EventHead, EventType } from '@binnacle/protocol'
import type { Effective } from './effective-filter.ts'
import { Group } from './group.ts'
import { Interner } from './interner.ts'

/**
 * All groups, found by effective filter and by what an event is. Keys are numbers of interned texts, never joined
 * strings: no name can be written so that two filters meet.
 */
export class GroupIndex {
  readonly #filters = new Interner()
  readonly #rights = new Interner()
  readonly #groups = new Map<number, Map<number, Map<number, Group>>>()
  readonly #place = new Map<Group, readonly [filter: number, rights: number, instance: number]>()
  readonly #pairs = new Map<string, Map<EventType, Set<Group>>>()
  #nextSub = 1

  /** A number for a subscription that belongs to no group. */
  loneSub(): number {
    return this.#nextSub++
  }

  /** How many groups there are. */
  get size(): number {
    return this.#place.size
  }

  /** All groups. */
  all(): IterableIterator<Group> {
    return this.#place.keys()
  }

  /**
   * The group of an effective filter, made when there is none; held once more. A connection that subscribes twice to the
   * same needs two numbers: `taken` says which it has, and the next instance is used.
   */
  hold(effective: Effective, to: number, taken: (group: Group) => boolean): Group {
    for (let instance = 0; ; instance++) {
      const filter = this.#filters.hold(effective.filterText)
      const rights = this.#rights.hold(effective.rightsText)
      const known = this.#groups.get(filter)?.get(rights)?.get(instance)
      if (known === undefined) {
        const group = new Group(this.#nextSub++, effective, to)
        group.holders = 1
        this.#add(group, filter, rights, instance)
        return group
      }
      this.#filters.release(effective.filterText)
      this.#rights.release(effective.rightsText)
      if (taken(known)) continue
      known.holders++
      return known
    }
  }

  /** Lets go of a group; the last one removes it. */
  release(group: Group): void {
    if (--group.holders > 0) return
    const place = this.#place.get(group)
    if (place === undefined) return
    const [filter, rights, instance] = place
    this.#place.delete(group)
    const byRights = this.#groups.get(filter)
    const byInstance = byRights?.get(rights)
    byInstance?.delete(instance)
    if (byInstance?.size === 0) byRights?.delete(rights)
    if (byRights?.size === 0) this.#groups.delete(filter)
    this.#filters.release(group.effective.filterText)
    this.#rights.release(group.effective.rightsText)
    for (const byType of this.#pairs.values()) for (const groups of byType.values()) groups.delete(group)
  }

  /** The groups an event passes. */
  *matching(entry: EventHead): IterableIterator<Group> {
    let byType = this.#pairs.get(entry.scope)
    if (byType === undefined) this.#pairs.set(entry.scope, (byType = new Map()))
    let groups = byType.get(entry.eventType)
    if (groups === undefined) {
      groups = new Set()
      for (const group of this.#place.keys()) if (group.reachesPair(entry.scope, entry.eventType)) groups.add(group)
      byType.set(entry.eventType, groups)
    }
    for (const group of groups) if (group.passesRest(entry)) yield group
  }

  #add(group: Group, filter: number, rights: number, instance: number): void {
    let byRights = this.#groups.get(filter)
    if (byRights === undefined) this.#groups.set(filter, (byRights = new Map()))
    let byInstance = byRights.get(rights)
    if (byInstance === undefined) byRights.set(rights, (byInstance = new Map()))
    byInstance.set(instance, group)
    this.#place.set(group, [filter, rights, instance])
    for (const [scope, byType] of this.#pairs) for (const [type, groups] of byType) if (group.reachesPair(scope, type)) groups.add(group)
  }
}
