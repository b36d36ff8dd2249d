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

/** The columns of a list: name, status and when it changed first, then those of the kind. `fabrics`: with a column for the fabric. */
export function screenColumns(kind: KindDefinition, fabrics: boolean): readonly ScreenColumn[] {
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
    column('name', 'Name', 'name', 230, 'Name of the object.'),
    ...(fabrics ? [column('fabric', 'Fabric', 'fabric', 120, 'Fabric the object belongs to.', false)] : []),
    column('status', 'Status', 'status', 138, 'Derived status; click one to see what it was derived from.', false),
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
