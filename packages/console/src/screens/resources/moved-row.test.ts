import { expect, test } from 'vitest'
import { movedRow } from './moved-row.ts'

test('[CO23] keys move in a list and never leave it', () => {
  expect(movedRow('ArrowDown', 0, 3, 10)).toBe(1)
  expect(movedRow('j', 2, 3, 10)).toBe(2)
  expect(movedRow('ArrowUp', 0, 3, 10)).toBe(0)
  expect(movedRow('k', 2, 3, 10)).toBe(1)
  expect(movedRow('PageDown', 5, 100, 10)).toBe(15)
  expect(movedRow('PageUp', 5, 100, 10)).toBe(0)
  expect(movedRow('End', 0, 100, 10)).toBe(99)
  expect(movedRow('Home', 50, 100, 10)).toBe(0)
  expect(movedRow('x', 0, 3, 10)).toBeUndefined()
  expect(movedRow('ArrowDown', 0, 0, 10)).toBeUndefined()
})
