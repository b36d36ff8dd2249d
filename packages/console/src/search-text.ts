/** Search parameters as flat text: what people see, copy and type in the address bar, without quotes or JSON. */
export type FlatSearch = Readonly<Record<string, string>>

/** Reads `?a=b&c=d`. A key that is given twice counts once, the last. */
export const parseSearchText = (text: string): FlatSearch => Object.fromEntries(new URLSearchParams(text))

/** Writes the parameters that have a value, in their given order. */
export function searchText(search: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(search))
    if (typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'boolean')
      parameters.set(key, String(value))
  const text = parameters.toString().replaceAll('%2C', ',').replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

/** A positive whole number, or undefined. */
export function idOf(value: unknown): number | undefined {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^[1-9][0-9]{0,8}$/.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) && number > 0 ? number : undefined
}

/** A text that is not empty, cut at `max` characters; or undefined. */
export const textOf = (value: unknown, max = 200): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, max) : typeof value === 'number' ? String(value) : undefined
