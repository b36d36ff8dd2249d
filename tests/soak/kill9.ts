import type { Measured } from '../../scripts/measured.ts'
import { killNine } from '../faults/_kill-nine.ts'

/** Names the soak in `--list`. */
export const about = 'kill -9 twenty times under 1,000 appends a second: nothing lost, no gap, every event exactly once'

/** Kills a hub under load again and again; see the goals. */
export async function run({ scale }: { readonly scale: 'full' | 'short' }): Promise<Measured> {
  const kills = scale === 'full' ? 20 : 4
  const figures = await killNine({ kills, writesPerSecond: 1_250, upMs: 3_000, appendsPerSecond: 1_000 })
  return {
    figures: { ...figures },
    goals: {
      kills: { is: kills },
      duplicates: { is: 0 },
      disordered: { is: 0 },
      missing: { is: 0 },
      gaps: { is: 0 },
      lostAfterShown: { is: 0 },
      epochs: { is: 1 },
      clientSaidLost: { is: 0 },
      integrity: { is: 'ok' },
      disagreeing: { is: 0 },
      writesPerSecond: { min: 1_000 },
      appendsPerSecondBeforeKill: { min: 1_000 },
    },
  }
}
