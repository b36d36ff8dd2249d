import { isRecord } from '../documents/reading.ts'

/** A map that is not changed in place. */
export type Fields = Readonly<Record<string, unknown>>

/** The value as a map; anything else counts as an empty one. */
export function fields(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

/** Absent, null, or a value that Go would write as zero: empty text, 0, false. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0 || value === false
}

/** A copy with fields set; a field set to `undefined` is removed. Hostile names stay plain fields. */
export function set(value: Fields, changes: Fields): Fields {
  return Object.fromEntries(Object.entries({ ...value, ...changes }).filter(([, inner]) => inner !== undefined))
}

/** A copy with every value of a map changed; keys are kept. */
export function mapValues(value: unknown, change: (inner: unknown, name: string) => unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner, name)]))
}

/** Byte order, as Go sorts text. */
export function byText(one: unknown, other: unknown): number {
  const [a, b] = [String(one), String(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** A sorted copy of a list of text; a list with anything else in it, or no list, stays as it is. */
export function sortedTexts(value: unknown): unknown {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return value
  return [...value].sort(byText)
}
