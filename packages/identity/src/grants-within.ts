import { scopeMatches, type Grant, type Role } from '@binnacle/protocol'

const INCLUDES: Record<Role, readonly Role[]> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  admin: ['viewer', 'operator', 'admin', 'producer', 'monitor'],
  producer: ['producer'],
  monitor: ['monitor', 'viewer'],
}

/** Whether a scope pattern covers another pattern wholly. */
const covers = (outer: string, inner: string): boolean =>
  outer === inner || outer === '*' || (!inner.endsWith('*') && scopeMatches(outer, inner))

/** Those of `asked` that `own` includes: what a token may do is never more than what its user may do now. */
export function grantsWithin(asked: readonly Grant[], own: readonly Grant[]): Grant[] {
  return asked.filter(({ role, scope }) => own.some((grant) => INCLUDES[grant.role].includes(role) && covers(grant.scope, scope)))
}
