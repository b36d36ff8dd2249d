/** A volatile value as it is drawn: a text, or figures of many things side by side. */
export type GaugeView =
  | { readonly name: string; readonly text: string }
  | {
      readonly name: string
      readonly columns: readonly string[]
      readonly rows: readonly { readonly name: string; readonly cells: readonly string[] }[]
      /** Things whose figures are all zero; they have no row. */
      readonly quiet: number
    }

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isPlain = (value: unknown): boolean => !isFields(value) && !Array.isArray(value)
const isQuiet = (value: unknown): boolean => value === 0 || value === null || value === undefined || value === ''

/** The fields of a thing without depth: `{channels: {1: {in: 2}}}` becomes `{'channels 1 in': 2}`. */
const flat = (fields: Fields, before = ''): Fields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, each]) =>
      isFields(each) ? Object.entries(flat(each, `${before}${key} `)) : [[`${before}${key}`, each] as const],
    ),
  )

const UNITS = ['', ' k', ' M', ' G', ' T'] as const

/** A number in at most four figures: `999`, `17.2 M`. Fractions are rounded to hundredths. */
export function figureText(value: number): string {
  let [rest, unit] = [value, 0]
  while (Math.abs(rest) >= 10_000 || (unit > 0 && Math.abs(rest) >= 1_000)) {
    if (unit === UNITS.length - 1) break
    rest /= 1_000
    unit += 1
  }
  return `${unit === 0 ? Math.round(rest * 100) / 100 : Math.round(rest * 10) / 10}${UNITS[unit] ?? ''}`
}

const cellText = (value: unknown): string =>
  typeof value === 'number'
    ? figureText(value)
    : typeof value === 'string' || typeof value === 'boolean'
      ? String(value)
      : isQuiet(value)
        ? '–'
        : JSON.stringify(value)

/**
 * How a volatile value is drawn. Figures of many things (counters of ports) are a table of those that are not all zero,
 * with the columns that any of them fills; what are not things of one sort is taken apart by name.
 */
export function gaugeViews(name: string, value: unknown): readonly GaugeView[] {
  if (!isFields(value)) return [{ name, text: cellText(value) }]
  const entries = Object.entries(value)
  const deep = entries.filter((entry): entry is [string, Fields] => isFields(entry[1]))
  if (deep.length === 0) return [{ name, text: entries.map(([key, each]) => `${key} ${cellText(each)}`).join(' · ') || '–' }]
  // Things of one sort have the same fields; what has not is a group of different values.
  const sort = ([, fields]: readonly [string, Fields]): string => Object.keys(fields).toSorted().join(' ')
  const alike = deep.every(([, fields]) => Object.values(fields).every(isPlain)) || new Set(deep.map(sort)).size === 1
  if (deep.length < entries.length || !alike) return entries.flatMap(([key, each]) => gaugeViews(`${name} ${key}`, each))
  const things = deep.map(([thing, fields]) => [thing, flat(fields)] as const)
  const busy = things.filter(([, fields]) => !Object.values(fields).every(isQuiet))
  const columns = [
    ...new Set(
      busy.flatMap(([, fields]) =>
        Object.entries(fields)
          .filter(([, each]) => !isQuiet(each))
          .map(([key]) => key),
      ),
    ),
  ]
  const rows = busy
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([thing, fields]) => ({ name: thing, cells: columns.map((key) => cellText(fields[key])) }))
  return [{ name, columns, rows, quiet: things.length - busy.length }]
}
