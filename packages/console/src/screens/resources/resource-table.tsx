import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import type { KindDefinition } from '@binnacle/hedgehog'
import { rowKey } from '../../live/list-state.ts'
import type { ListState } from '../../live/list-state.ts'
import { Cell } from './cell.tsx'
import { ariaSort } from './list-columns.ts'
import type { ScreenColumn } from './list-columns.ts'
import { movedRow } from './moved-row.ts'

/** Height of a row in pixels; the style sheet holds the same number. */
const ROW = 30
/** How long a change is marked, in milliseconds. */
const FLASH_MS = 1_800

/** The rows of a list: only those in sight are in the page; the rest is space. */
export function ResourceTable({
  list,
  kind,
  columns,
  sort,
  onSort,
  onMore,
  loadingMore,
}: {
  readonly list: ListState
  readonly kind: KindDefinition
  readonly columns: readonly ScreenColumn[]
  readonly sort: string | undefined
  readonly onSort: (column: string) => void
  readonly onMore: () => void
  readonly loadingMore: boolean
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const wanted = useRef<number | undefined>(undefined)
  // Its functions change with every render; nothing here is memoised on them.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: list.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const first = items[0]
  const last = items.at(-1)
  const names = new Map(list.fabrics.map((fabric) => [fabric.id, fabric.name]))

  useEffect(() => {
    if (list.cursor !== null && last !== undefined && last.index >= list.rows.length - 25) onMore()
  }, [last, list.cursor, list.rows.length, onMore])

  // The row may not be in the page yet when the key is pressed; it takes the focus as soon as it is.
  useEffect(() => {
    if (wanted.current === undefined) return
    const link = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"] .row-name`)
    if (link === null || link === undefined) return
    wanted.current = undefined
    link.focus({ preventScroll: true })
  })

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const index = movedRow(event.key, active, list.rows.length, Math.floor((scroller.current?.clientHeight ?? 300) / ROW) - 2)
    if (index === undefined) return
    event.preventDefault()
    setActive(index)
    wanted.current = index
    virtual.scrollToIndex(index)
  }

  const width = columns.reduce((sum, column) => sum + column.width, 0)
  const now = performance.now()
  return (
    // Keys move between the rows' links, which are the focusable things in here.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="rows" ref={scroller} onKeyDown={onKey}>
      <table className="rows-table" style={{ minWidth: width }} aria-rowcount={list.total} aria-label={kind.titlePlural}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={{ width: column.type === 'name' ? `min(${column.width}px, 56vw)` : column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                aria-sort={ariaSort(sort, column.id)}
                className={column.type === 'number' ? 'num' : undefined}
                title={column.description}
              >
                {column.sortable ? (
                  <button type="button" className="plain sort" onClick={() => onSort(column.id)}>
                    {column.title}
                    <span aria-hidden="true" className="sort-mark">
                      {sort === column.id ? '▲' : sort === `-${column.id}` ? '▼' : ''}
                    </span>
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first !== undefined && first.start > 0 && (
            <tr aria-hidden="true" className="spacer">
              <td colSpan={columns.length} style={{ height: first.start }}>
                {' '}
              </td>
            </tr>
          )}
          {items.map((item) => {
            const row = list.rows[item.index]
            if (row === undefined) return null
            const key = rowKey(row)
            const touched = list.touched.get(key)
            const flash =
              touched !== undefined && now - touched.at < FLASH_MS ? (touched.seq % 2 === 0 ? 'flash-even' : 'flash-odd') : undefined
            return (
              <tr key={key} data-row={item.index} data-name={row.name} aria-rowindex={item.index + 2} className={flash}>
                {columns.map((column) => (
                  <td key={column.id} className={column.type === 'number' ? 'num' : undefined}>
                    <Cell
                      row={row}
                      column={column}
                      kind={kind}
                      fabricName={names.get(row.fabric_id) ?? String(row.fabric_id)}
                      focusable={item.index === active}
                    />
                  </td>
                ))}
              </tr>
            )
          })}
          {last !== undefined && virtual.getTotalSize() - last.end > 0 && (
            <tr aria-hidden="true" className="spacer">
              <td colSpan={columns.length} style={{ height: virtual.getTotalSize() - last.end }}>
                {' '}
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {loadingMore && <p className="rows-more dim">Loading more …</p>}
    </div>
  )
}
