import { canonicalFilter, EVENT_TYPES, reaches, scopeMatches, typesOf, type Filter, type Grant, type Rights } from '@binnacle/protocol'

const overlap = (a: string, b: string): boolean => scopeMatches(a, b) || scopeMatches(b, a)

/** Whether `a` covers everything `b` covers: patterns are compared as patterns. */
const covers = (a: string, b: string): boolean => a === '*' || a === b || (a.endsWith('/*') && b.startsWith(a.slice(0, -1)))

/** Audiences a role sees, asked of the one rule in protocol. */
const sees = (grant: Grant, audience: (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES]['audience']): boolean =>
  reaches({ user: '', version: 0, grants: [{ role: grant.role, scope: 'system' }] }, 'system', audience)

/**
 * The part of somebody's grants that matters to a filter, in one form: sorted, without what another grant covers. Two
 * readers whose relevant grants are equal see the same through the filter, whoever they are.
 */
export function relevantGrants(filter: Filter, rights: Rights): readonly Grant[] {
  const audiences = new Set(typesOf(filter.types).map((type) => EVENT_TYPES[type].audience))
  const scopes = filter.scopes?.length ? filter.scopes : ['*']
  const useful = rights.grants.filter(
    (grant) => scopes.some((scope) => overlap(scope, grant.scope)) && [...audiences].some((audience) => sees(grant, audience)),
  )
  const distinct = [...new Map(useful.map((grant) => [JSON.stringify([grant.role, grant.scope]), grant])).values()]
  const kept = distinct.filter(
    (grant) => !distinct.some((other) => other !== grant && other.role === grant.role && covers(other.scope, grant.scope)),
  )
  return kept
    .map(({ role, scope }) => ({ role, scope }))
    .sort((a, b) => (a.role === b.role ? (a.scope < b.scope ? -1 : 1) : a.role < b.role ? -1 : 1))
}

/** Filter and rights of a group of readers. */
export interface Effective {
  readonly filter: Filter
  readonly rights: Rights
  /** Unambiguous texts of both, to be interned. */
  readonly filterText: string
  readonly rightsText: string
}

/** The effective filter of somebody: canonical filter ∩ relevant grants. */
export function effectiveFilter(filter: Filter, rights: Rights): Effective {
  const canonical = canonicalFilter(filter)
  const grants = relevantGrants(canonical, rights)
  return {
    filter: canonical,
    rights: { user: '', version: 0, grants },
    filterText: JSON.stringify(canonical),
    rightsText: JSON.stringify(grants.map((grant) => [grant.role, grant.scope])),
  }
}
