import { filterSchema } from '@binnacle/protocol'
import type { Filter } from '@binnacle/protocol'

/** The filters of the event page as they stand in the address; lists are joined by commas. */
export interface EventSearch {
  readonly scope?: string | undefined
  readonly types?: string | undefined
  readonly kinds?: string | undefined
  readonly name?: string | undefined
  readonly priority?: string | undefined
}

const listOf = (text: string | undefined): string[] | undefined => {
  const items = (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items.length === 0 ? undefined : items
}

/** The subscription filter that an address means. What the protocol does not accept is left out and named: a typo must not look like "no events". */
export function filterOfSearch(search: EventSearch): { readonly filter: Filter; readonly ignored: readonly string[] } {
  const wanted: Record<string, unknown> = {
    scopes: listOf(search.scope),
    types: listOf(search.types),
    kinds: listOf(search.kinds),
    names: search.name === undefined ? undefined : [search.name],
    min_priority: search.priority,
  }
  const filter: Record<string, unknown> = {}
  const ignored: string[] = []
  for (const [key, value] of Object.entries(wanted)) {
    if (value === undefined) continue
    if (filterSchema.safeParse({ [key]: value }).success) filter[key] = value
    else ignored.push(`${key} ${Array.isArray(value) ? value.join(', ') : JSON.stringify(value)}`)
  }
  return { filter, ignored }
}
