import { expect, test } from 'vitest'
import { NO_KEYS, SEQUENCE_MS, SHORTCUTS, pressKey } from './shortcuts.ts'

test('[CO5] every shortcut is reached by its keys', () => {
  for (const shortcut of SHORTCUTS) {
    let state = NO_KEYS
    let action: string | undefined
    for (const key of shortcut.keys) ({ state, action } = { action: undefined, ...pressKey(state, key, 10) })
    expect(action).toBe(shortcut.action)
  }
})

test('[CO5] a sequence that is too slow or interrupted does nothing, and the last key may start anew', () => {
  const first = pressKey(NO_KEYS, 'g', 0)
  expect(first.action).toBeUndefined()
  expect(pressKey(first.state, 'f', SEQUENCE_MS + 1).action).toBeUndefined()
  expect(pressKey(first.state, 'f', SEQUENCE_MS).action).toBe('go-fabrics')
  expect(pressKey(first.state, 'x', 5)).toEqual({ state: NO_KEYS })
  expect(pressKey(first.state, '?', 5).action).toBe('help')
  const again = pressKey(first.state, 'g', 5)
  expect(pressKey(again.state, 'e', 6).action).toBe('go-events')
})
