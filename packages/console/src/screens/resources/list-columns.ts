import type { Column, KindDefinition } from '@binnacle/hedgehog'
import type { ResourceRow } from '@binnacle/protocol'

/** A column of a list on screen. `id` is also the sort key. Widths in pixels. */
export interface ScreenColumn {
  readonly id: string
  readonly title: string
  readonly type: Column['type'] | 'name' | 'fabric' | 'status' | 'age'
  readonly sortable: boolean
  readonly description: string
  readonly width: number
}

const WIDTHS: Readonly<Record<Column['type'], number>> = { string: 150, number: 92, boolean: 92, list: 210, time: 96 }

// Some columns hold long or short texts whatever their type says.
const WIDTH_OF: Readonly<Record<string, number>> = {
  links: 72,
  link_list: 330,
  subnet_list: 280,
  description: 200,
  mode: 84,
  dhcp: 84,
  vlans: 130,
  type: 120,
  role: 120,
  asn: 84,
}

/** What a title needs, with the mark of the sort, in pixels. */
const titleWidth = (title: string): number => 36 + Math.ceil(title.length * 6.9)

/** Width of the column of names: its least, its most, and what a letter needs, in pixels. */
const NAME = { least: 170, most: 380, letter: 7.4, around: 28 } as const

/** The width that the longest of these names needs, within bounds; looks at the first thousand. */
export function nameWidthOf(rows: readonly { readonly name: string }[]): number {
  const longest = Math.max(0, ...rows.slice(0, 1_000).map(({ name }) => name.length))
  return Math.min(NAME.most, Math.max(NAME.least, Math.ceil(NAME.around + longest * NAME.letter)))
}

/**
 * A name in two parts: where it is too long its start is cut, because such names differ at their end. The end is the
 * last part of a name like `a--fabric--b` if it is short, else some letters.
 */
export function nameParts(name: string): readonly [start: string, end: string] {
  const letters = Array.from(name)
  if (letters.length <= 16) return [name, '']
  const part = letters.length - name.lastIndexOf('--')
  const end = name.includes('--') && part <= 15 ? part : 9
  return [letters.slice(0, letters.length - end).join(''), letters.slice(letters.length - end).join('')]
}

/**
 * The columns of a list: name and status first, then where it is and when it changed, then those of the kind. `fabrics`: with a column
 * for the fabric. `nameWidth` in pixels.
 */
export function screenColumns(kind: KindDefinition, fabrics: boolean, nameWidth: number = NAME.least): readonly ScreenColumn[] {
  const column = (
    id: string,
    title: string,
    type: ScreenColumn['type'],
    width: number,
    description: string,
    sortable = true,
  ): ScreenColumn => ({
    id,
    title,
    type,
    sortable,
    description,
    width,
  })
  return [
    column('name', 'Name', 'name', nameWidth, 'Name of the object.'),
    column('status', 'Status', 'status', 138, 'Derived status; click one to see what it was derived from.', false),
    ...(fabrics ? [column('fabric', 'Fabric', 'fabric', 120, 'Fabric the object belongs to.', false)] : []),
    column('changed_at', 'Changed', 'age', 100, 'When Binnacle last saw the object change.'),
    ...kind.columns.map((each) =>
      column(
        each.id,
        each.title,
        each.type,
        Math.max(WIDTH_OF[each.id] ?? WIDTHS[each.type], titleWidth(each.title)),
        each.description,
        each.sortable,
      ),
    ),
  ]
}

/** The next sort after a click on a column: up, down, none. */
export function nextSort(sort: string | undefined, column: string): string | undefined {
  if (sort === column) return `-${column}`
  if (sort === `-${column}`) return undefined
  return column
}

/** How `aria-sort` names the sort of a column. */
export const ariaSort = (sort: string | undefined, column: string): 'ascending' | 'descending' | 'none' =>
  sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : 'none'

/** The words of derived statuses, worst last. */
const STATUS_WORDS = ['live', 'declared', 'not_deployed', 'applying', 'degraded', 'failed', 'unknown']

/** Statuses to choose from: the known words, those of the rows, and the chosen one. */
export function statusChoices(rows: readonly ResourceRow[], chosen: string | undefined): readonly string[] {
  const found = new Set([...STATUS_WORDS, ...rows.flatMap((row) => (row.status === null ? [] : [row.status.status]))])
  if (chosen !== undefined) found.add(chosen)
  return [...found]
}
