import type { Row } from '@binnacle/protocol'
import type { ResourceDocument } from '../documents/reading.ts'
import type { Column, ColumnValue } from './column.ts'
import { UNKNOWN_KIND_COLUMNS } from './registry.ts'
import type { KindDefinition } from './registry.ts'

/** Largest row as JSON text, in bytes of UTF-8: rows ride in every event. */
export const MAX_ROW_BYTES = 1024

/** Ends a text that was cut. */
export const CUT_MARK = '…'

/** Text lengths tried one after the other until the row fits; the last one always does (14 columns of 8 characters). */
const TEXT_LIMITS = [160, 80, 40, 20, 8] as const

const encoder = new TextEncoder()

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const kept = text.slice(0, limit - 1)
  // A cut between the two halves of a surrogate pair would leave half a character.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${CUT_MARK}`
}

function flat(value: ColumnValue, limit: number): string | number | boolean | null {
  if (value === undefined) return null
  if (typeof value === 'string') return cut(value, limit)
  // Each item takes two characters at least: more than `limit` of them are cut off anyway, and there may be 60,000.
  if (typeof value === 'object') return cut(value.slice(0, limit).join(', '), limit)
  return value
}

function fits(row: Row): boolean {
  const text = JSON.stringify(row)
  // At most 3 bytes per UTF-16 unit: the exact count is only needed in between.
  if (text.length * 3 <= MAX_ROW_BYTES) return true
  return text.length <= MAX_ROW_BYTES && encoder.encode(text).length <= MAX_ROW_BYTES
}

/** The columns of a kind; those of an unknown kind when there is no definition. */
export function columnsFor(kind: KindDefinition | undefined): readonly Column[] {
  return kind?.columns ?? UNKNOWN_KIND_COLUMNS
}

/**
 * The list columns of an object as a flat row of at most {@link MAX_ROW_BYTES}: long texts are cut and end in
 * {@link CUT_MARK}; a column without a value is null. Never throws, whatever the document looks like.
 */
export function columnsOf(kind: KindDefinition | undefined, document: ResourceDocument): Row {
  const values = columnsFor(kind).map((column) => [column.id, column.from(document)] as const)
  let row: Record<string, Row[string]> = {}
  for (const limit of TEXT_LIMITS) {
    row = {}
    // Nearly every row is far from the bound: its exact size is only taken when this estimate says it may not be.
    let most = 2
    for (const [id, value] of values) {
      const told = flat(value, limit)
      row[id] = told
      // A character takes at most six bytes as JSON, whatever it is.
      most += id.length + 4 + (typeof told === 'string' ? told.length * 6 + 2 : 24)
    }
    if (most <= MAX_ROW_BYTES || fits(row)) return row
  }
  return row
}
