import { expect, test } from 'vitest'
import { nestsWithin, readClientFrame } from './read-client-frame.ts'

const SIZE = 65_536
const hostile: Record<string, string> = {
  'deep arrays': '['.repeat(SIZE),
  'many names': `{"type":"subscribe","id":"a","filter":{"names":[${'"a",'.repeat(SIZE / 4 - 20)}"a"]}}`,
  'many types': `{"type":"subscribe","id":"a","filter":{"types":[${'"*",'.repeat(SIZE / 4 - 20)}"*"]}}`,
  'many fields': `{"type":"ping","t":1${Array.from({ length: 5_000 }, (_, index) => `,"${index}":1`).join('')}}`,
  'one long text': `{"type":"unsubscribe","id":"${'\\'.repeat(SIZE - 40)}"}`,
  'a scope that backtracks': `{"type":"subscribe","id":"a","filter":{"scopes":["dns/${'a'.repeat(SIZE - 100)}!"]}}`,
}

test.each(Object.keys(hostile))('[DL4] 64 KiB of %s is refused within the time of a frame', (name) => {
  const text = hostile[name] ?? ''
  // The first call warms up; what counts is what a sender can cause again and again.
  expect(typeof readClientFrame(text, 8)).toBe('string')
  const began = performance.now()
  for (let n = 0; n < 5; n++) expect(typeof readClientFrame(text, 8)).toBe('string')
  expect((performance.now() - began) / 5).toBeLessThan(25)
})

test('[DL4] nesting is counted outside texts only', () => {
  expect(nestsWithin('{"a":[{"b":1}]}', 3)).toBe(true)
  expect(nestsWithin('{"a":[{"b":1}]}', 2)).toBe(false)
  expect(nestsWithin('{"a":"[[[[\\"[[[["}', 1)).toBe(true)
  expect(
    readClientFrame('{"type":"subscribe","id":"a","filter":{"scopes":["fabric/1"]},"from":{"time":"2026-01-01T00:00:00Z"}}', 8),
  ).toMatchObject({
    type: 'subscribe',
  })
})
