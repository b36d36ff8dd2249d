import { expect, test } from 'vitest'
import { KINDS } from '@binnacle/hedgehog'
import { ariaSort, nameParts, nameWidthOf, nextSort, screenColumns } from './list-columns.ts'

test('[CO15] every kind has a list with a name, a status, its own columns and an age, each column once', () => {
  expect(KINDS.length).toBeGreaterThanOrEqual(12)
  for (const kind of KINDS) {
    const ids = screenColumns(kind, true).map((column) => column.id)
    expect(ids.slice(0, 4)).toEqual(['name', 'status', 'fabric', 'changed_at'])
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

test('[CO15] names have the room that the longest needs, within bounds, and keep their end when they are cut', () => {
  const width = (...names: readonly string[]) => nameWidthOf(names.map((name) => ({ name })))
  expect(width()).toBe(width('leaf-1'))
  expect(width('leaf-1', 'harbor-spine-1--fabric--harbor-leaf-5')).toBeGreaterThan(width('harbor-leaf-1--vpc-loopback'))
  expect(width('x'.repeat(63))).toBe(width('x'.repeat(253)))
  expect(nameParts('leaf-1')).toEqual(['leaf-1', ''])
  expect(nameParts('harbor-spine-1--fabric--harbor-leaf-5')).toEqual(['harbor-spine-1--fabric', '--harbor-leaf-5'])
  expect(nameParts('a--b--a-very-long-end-of-a-name')).toEqual(['a--b--a-very-long-end-', 'of-a-name'])
  expect(nameParts('😀'.repeat(20))).toEqual(['😀'.repeat(11), '😀'.repeat(9)])
})
