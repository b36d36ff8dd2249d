import { expect, test } from 'vitest'
import { killNine } from './_kill-nine.ts'

test(
  '[SY28] a hub killed again and again loses nothing that it showed; a client that was there sees every event exactly once',
  { timeout: 180_000 },
  async () => {
    const { writes, events, ...result } = await killNine({ kills: 4, writesPerSecond: 200, upMs: 1_500 })
    expect(writes).toBeGreaterThan(1_000)
    expect(events).toBeGreaterThan(1_000)
    expect(result).toMatchObject({
      kills: 4,
      duplicates: 0,
      disordered: 0,
      missing: 0,
      gaps: 0,
      lostAfterShown: 0,
      epochs: 1,
      clientSaidLost: 0,
      integrity: 'ok',
      disagreeing: 0,
    })
  },
)
