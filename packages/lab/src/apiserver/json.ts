/** Any JSON value; `undefined` members are dropped when written, as JSON.stringify does. */
export type Json = null | boolean | number | string | Json[] | JsonObject
/** A JSON object. */
export type JsonObject = { [key: string]: Json | undefined }

/** True for plain JSON objects (not null, not arrays). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is an object, else an empty one (never stored back). */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** Deep copy. */
export function clone<T>(value: T): T {
  return structuredClone(value)
}

/** Deep equality; the order of keys does not matter, an undefined member equals an absent one. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  for (const key of Object.keys(a)) if (!equal(a[key], b[key])) return false
  for (const key of Object.keys(b)) if (b[key] !== undefined && a[key] === undefined) return false
  return true
}

/** A copy whose keys are sorted at every level: real servers write custom resources from Go maps, hence sorted. */
export function sorted<T extends Json | undefined>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => sorted(item)) as T
  if (!isObject(value)) return value
  const out: JsonObject = {}
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key]
    if (member === undefined) continue
    Object.defineProperty(out, key, { value: sorted(member), enumerable: true, writable: true, configurable: true })
  }
  return out as T
}

/** A JSON value as text: strings as they are, everything else as JSON; undefined gives the empty string. */
export function text(value: Json | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
