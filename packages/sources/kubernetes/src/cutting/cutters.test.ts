import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ItemCutter } from './item-cutter.ts'
import { LineCutter } from './line-cutter.ts'

/** Splits bytes at the given places. */
const chunksOf = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
}

const cuts = fc.array(fc.nat(), { maxLength: 40 })
const json = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown)

test('[KS38] a list cut into items while it streams is what JSON.parse makes of it, however the bytes are split', () => {
  fc.assert(
    fc.property(
      fc.array(
        json.map((value) => ({ value })),
        { maxLength: 12 },
      ),
      json,
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.boolean(),
      cuts,
      (items, extra, word, last, pretty, at) => {
        const metadata = { resourceVersion: '7', extra, items: [{ not: 'an item' }], [`"${word}]}`]: word }
        const list = last ? { kind: 'List', metadata, items } : { kind: 'List', items, metadata, word: 'items' }
        const bytes = Buffer.from(JSON.stringify(list, null, pretty ? 2 : undefined))
        const cutter = new ItemCutter(1_000_000)
        const found: unknown[] = []
        for (const chunk of chunksOf(bytes, at))
          for (const cut of cutter.push(chunk)) found.push('item' in cut ? JSON.parse(cut.item.toString()) : cut)
        const expected = JSON.parse(bytes.toString()) as typeof list
        expect(found).toEqual(expected.items)
        expect(cutter.end()).toEqual({ ...expected, items: [] })
      },
    ),
    { numRuns: 300 },
  )
})

test('[KS38] an item beyond the limit is set aside, its neighbours arrive; a body cut short is no list', () => {
  const list = Buffer.from(JSON.stringify({ kind: 'List', items: [{ a: 1 }, { b: 'x'.repeat(5_000) }, { c: 3 }], metadata: {} }))
  for (const size of [1, 7, 100, list.length]) {
    const cutter = new ItemCutter(1_000)
    const found = chunksOf(
      list,
      Array.from({ length: Math.floor(list.length / size) }, (_, index) => index * size),
    ).flatMap((chunk) => [...cutter.push(chunk)])
    expect(found.map((cut) => ('item' in cut ? cut.item.toString() : `long ${cut.tooLong.toString().slice(0, 4)}`))).toEqual([
      '{"a":1}',
      'long {"b"',
      '{"c":3}',
    ])
  }
  const cutter = new ItemCutter(1_000)
  expect([...cutter.push(list.subarray(0, -2))]).toHaveLength(3)
  expect(() => cutter.end()).toThrow('cut off')
})

test('[KS39] lines are the text split at LF, however the bytes are split; a line beyond the limit is skipped to its end', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')),
        { maxLength: 20 },
      ),
      cuts,
      (lines, at) => {
        const cutter = new LineCutter(50)
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        const found = chunksOf(bytes, at).flatMap((chunk) => [...cutter.push(chunk)])
        const expected = lines.filter((line) => line !== '').map((line) => (Buffer.byteLength(line) > 50 ? 'long' : line))
        expect(found.map((cut) => ('line' in cut ? cut.line.toString() : 'long'))).toEqual(expected)
      },
    ),
    { numRuns: 300 },
  )
})
