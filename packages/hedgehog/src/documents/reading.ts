/**
 * Reading of documents that nobody has checked: a field may be missing, of another type, or have a hostile name.
 * Nothing in this file throws; what cannot be read is `undefined` or empty.
 */

/** A custom resource as parsed from JSON or YAML. No field of it is trusted to exist or to have its type. */
export type ResourceDocument = Readonly<Record<string, unknown>>

/** True for a plain map: not null, not a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of own keys; `undefined` as soon as a step is missing. Inherited names are never found. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let here = value
  for (const step of path) {
    if (!isRecord(here) || !Object.hasOwn(here, step)) return undefined
    here = here[step]
  }
  return here
}

/** The non-empty string at a path. An empty string counts as absent, as Kubernetes writers drop it. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The finite number at a path. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

/** The boolean at a path; `undefined` when it is absent or something else. */
export function booleanAt(value: unknown, ...path: readonly string[]): boolean | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'boolean' ? found : undefined
}

/** The list at a path; empty when it is something else. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The non-empty strings of the list at a path; items of other types are left out. */
export function stringsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((item): item is string => typeof item === 'string' && item !== '')
}

/** The own entries of the map at a path; empty when it is something else. */
export function entriesAt(value: unknown, ...path: readonly string[]): readonly (readonly [string, unknown])[] {
  const found = valueAt(value, ...path)
  return isRecord(found) ? Object.entries(found) : []
}

/** The own keys of the map at a path; empty when it is something else. */
export function keysAt(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = valueAt(value, ...path)
  return isRecord(found) ? Object.keys(found) : []
}

/** `metadata.name`, or an empty string. */
export function nameOf(document: unknown): string {
  return stringAt(document, 'metadata', 'name') ?? ''
}
