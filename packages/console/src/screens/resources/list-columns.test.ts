import { expect, test } from 'vitest'
import { KINDS } from '@binnacle/hedgehog'
import { ariaSort, nextSort, screenColumns } from './list-columns.ts'

test('[CO15] every kind has a list with a name, a status, its own columns and an age, each column once', () => {
  expect(KINDS.length).toBeGreaterThanOrEqual(12)
  for (const kind of KINDS) {
    const ids = screenColumns(kind, true).map((column) => column.id)
    expect(ids.slice(0, 4)).toEqual(['name', 'fabric', 'status', 'changed_at'])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(kind.columns.length + 4)
  }
})

test('[CO15] a click sorts up, then down, then not', () => {
  expect(nextSort(undefined, 'asn')).toBe('asn')
  expect(nextSort('asn', 'asn')).toBe('-asn')
  expect(nextSort('-asn', 'asn')).toBeUndefined()
  expect(nextSort('name', 'asn')).toBe('asn')
  expect([ariaSort('asn', 'asn'), ariaSort('-asn', 'asn'), ariaSort('name', 'asn')]).toEqual(['ascending', 'descending', 'none'])
})
