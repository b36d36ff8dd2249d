import { z } from 'zod'
import { EVENT_TYPES, type Audience, type EventType } from './event-types.ts'
import { filterMatches, type EventHead, type Filter } from './filter.ts'
import { scopeMatches, scopePattern } from './scope.ts'

/** Roles a grant can give on a scope. `producer` may only append to granted scopes; `monitor` reads and posts verdicts. */
export const ROLES = ['viewer', 'operator', 'admin', 'producer', 'monitor'] as const
/** See {@link ROLES}. */
export type Role = (typeof ROLES)[number]

/** A role on a scope pattern. */
export const grantSchema = z.strictObject({ role: z.enum(ROLES), scope: scopePattern })
/** See {@link grantSchema}. */
export type Grant = z.infer<typeof grantSchema>

/** What somebody may see and do right now. `version` rises with every change; decisions carry it and are checked again at write. */
export interface Rights {
  readonly user: string
  readonly version: number
  readonly grants: readonly Grant[]
}

const SEES: Record<Role, readonly Audience[]> = {
  viewer: ['viewer', 'tenant'],
  operator: ['viewer', 'operator', 'tenant'],
  admin: ['viewer', 'operator', 'admin', 'tenant'],
  producer: [],
  monitor: ['viewer', 'operator', 'tenant'],
}

/** Whether these rights reach an audience on a scope. The one rule behind live events, replay, REST and webhooks. */
export function reaches(rights: Rights, scope: string, audience: Audience): boolean {
  return rights.grants.some((grant) => SEES[grant.role].includes(audience) && scopeMatches(grant.scope, scope))
}

/** The right to see an event: a grant on its scope AND its type's audience. */
export const maySeeEvent = (rights: Rights, event: EventHead): boolean =>
  reaches(rights, event.scope, EVENT_TYPES[event.eventType].audience)

/** Whether an event passes a filter under these rights: the effective filter of a subscription. */
export const passes = (rights: Rights, filter: Filter, event: EventHead): boolean =>
  filterMatches(filter, event) && maySeeEvent(rights, event)

const DOES: Record<Role, readonly Role[]> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  admin: ['viewer', 'operator', 'admin'],
  producer: ['producer'],
  monitor: ['viewer', 'monitor'],
}

/** Whether these rights include `role` on `scope` (admin includes operator includes viewer). */
export const holds = (rights: Rights, role: Role, scope: string): boolean =>
  rights.grants.some((grant) => DOES[grant.role].includes(role) && scopeMatches(grant.scope, scope))

/** Which event types a right on a scope lets through; for the documents and the connection list. */
export const visibleTypes = (rights: Rights, scope: string): EventType[] =>
  (Object.keys(EVENT_TYPES) as EventType[]).filter((type) => reaches(rights, scope, EVENT_TYPES[type].audience))
