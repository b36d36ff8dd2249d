import { BinnacleError, type ErrorPlace } from '@binnacle/protocol'
import { z } from 'zod'

/** The field names a schema knows at a path, for "did you mean". */
function knownFields(schema: unknown, path: readonly PropertyKey[]): string[] {
  let here = schema
  for (const step of path) {
    while (here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodOptional || here instanceof z.ZodNullable)
      here = here.unwrap()
    if (here instanceof z.ZodObject) here = (here.shape as Record<string, unknown>)[String(step)]
    else if (here instanceof z.ZodArray) here = here.element
    else return []
  }
  while (here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodOptional || here instanceof z.ZodNullable)
    here = here.unwrap()
  return here instanceof z.ZodObject ? Object.keys(here.shape) : []
}

/** Letters two names have in common, in order: enough to find a mistyped field among a dozen. */
function likeness(a: string, b: string): number {
  let at = 0
  for (const letter of a) {
    const found = b.indexOf(letter, at)
    if (found >= 0) at = found + 1
  }
  return at === 0 ? 0 : (2 * a.split('').filter((letter) => b.includes(letter)).length) / (a.length + b.length)
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const best = known.map((each) => ({ each, score: likeness(name, each) })).sort((one, other) => other.score - one.score)[0]
  return best !== undefined && best.score > 0.6 ? best.each : undefined
}

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/**
 * What came, guarded by its schema. Throws UNKNOWN_FIELD with the nearest known name, or BAD_REQUEST that names every
 * wrong field. Without a schema nothing may come.
 */
export function parseInput<T>(schema: z.ZodType<T> | undefined, value: unknown, where: string): T {
  if (schema === undefined) {
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
    if (names.length > 0 && where === 'query')
      throw new BinnacleError('UNKNOWN_FIELD', `this takes no query, so no '${names[0] ?? ''}'`, { places: [{ field: names[0] ?? '' }] })
    return value as T
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const places: (ErrorPlace & { message: string })[] = []
  let unknown: string | undefined
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const near = nearest(key, knownFields(schema, issue.path))
        unknown ??= `unknown field '${key}'${near === undefined ? '' : `; did you mean '${near}'?`}`
        places.push({ field: pointer([...issue.path, key]), message: 'unknown field' })
      }
    } else places.push({ field: pointer(issue.path), message: issue.message })
  }
  if (unknown !== undefined) throw new BinnacleError('UNKNOWN_FIELD', unknown, { places })
  const first = places[0]
  throw new BinnacleError(
    'BAD_REQUEST',
    first === undefined ? undefined : `${first.field === '' ? (where === '' ? 'body' : where) : first.field}: ${first.message}`,
    { places },
  )
}
