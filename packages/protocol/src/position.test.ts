import { expect, test } from 'vitest'
import { formatPosition, parsePosition } from './position.ts'

test('[PR1] a position survives writing and reading', () => {
  expect(parsePosition(formatPosition({ epoch: '9f3a', seq: 48213 }))).toEqual({ epoch: '9f3a', seq: 48213 })
})

test.each(['', '9f3a', '9f3a:', ':1', '9f3a:01', '9f3a:-1', '9f3a:1.5', '9f3a:99999999999999999', 'x y:1', 'A:1'])(
  '[PR1] %j is not a position',
  (text) => {
    expect(parsePosition(text)).toBeUndefined()
  },
)
