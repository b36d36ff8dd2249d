import { z } from 'zod'

/** What an event, an object and a right belong to: one fabric, one DNS server, one tenant's runs, or Binnacle itself. */
export type Scope = `fabric/${number}` | `dns/${string}` | `runs/${string}` | 'system'

/** Guard for a {@link Scope} that came over a wire. */
export const scopeText = z
  .string()
  .max(100)
  .regex(
    /^(fabric\/[1-9][0-9]{0,8}|dns\/[A-Za-z0-9._-]{1,80}|runs\/[A-Za-z0-9._-]{1,80}|system)$/,
    'a scope is fabric/<id>, dns/<server>, runs/<tenant> or system',
  )
  .transform((text) => text as Scope)

/** A scope or a pattern over scopes: `fabric/11`, `fabric/*`, `dns/*`, `runs/*`, `*`. */
export const scopePattern = z
  .string()
  .max(100)
  .regex(
    /^(\*|fabric\/(\*|[1-9][0-9]{0,8})|dns\/(\*|[A-Za-z0-9._-]{1,80})|runs\/(\*|[A-Za-z0-9._-]{1,80})|system)$/,
    'a scope pattern is a scope, or fabric/*, dns/*, runs/*, *',
  )

/** The scope of a fabric's facts. */
export const fabricScope = (fabricId: number): Scope => `fabric/${fabricId}`

/** The fabric id inside a scope; null outside fabrics. */
export function fabricIdOf(scope: string): number | null {
  return scope.startsWith('fabric/') ? Number(scope.slice(7)) : null
}

/** Whether `pattern` (see {@link scopePattern}) covers `scope`. Plain text comparison: nothing is ever compiled from it. */
export function scopeMatches(pattern: string, scope: string): boolean {
  if (pattern === '*' || pattern === scope) return true
  return pattern.endsWith('/*') && scope.startsWith(pattern.slice(0, -1))
}
