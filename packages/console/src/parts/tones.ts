import { HEALTHS } from '@binnacle/protocol'
import type { FabricStatus, Health, WatchState } from '@binnacle/protocol'

/** How something is drawn. Each tone has a colour AND a shape of its own; `unknown` looks like nothing that is fine. */
export type Tone = 'healthy' | 'changing' | 'degraded' | 'stale' | 'failed' | 'unknown' | 'off'

/** Tones from best to worst; `off` is not judged. */
export const TONE_ORDER: readonly Tone[] = ['off', 'healthy', 'changing', 'degraded', 'stale', 'failed', 'unknown']

const FABRIC_TONES: Readonly<Record<FabricStatus, Tone>> = {
  connected: 'healthy',
  connecting: 'changing',
  degraded: 'degraded',
  stale: 'stale',
  unauthorized: 'failed',
  unreachable: 'failed',
  unknown: 'unknown',
  disabled: 'off',
}

const WATCH_TONES: Readonly<Record<WatchState, Tone>> = {
  live: 'healthy',
  listing: 'changing',
  connecting: 'changing',
  retrying: 'degraded',
  stale: 'stale',
  not_served: 'degraded',
  forbidden: 'failed',
  unauthorized: 'failed',
  unreachable: 'failed',
  disabled: 'off',
}

/** The tone of a fabric's status; a word we do not know is unknown. */
export const toneOfFabric = (status: string): Tone => (FABRIC_TONES as Readonly<Record<string, Tone>>)[status] ?? 'unknown'

/** The tone of a watch's state. An optional kind that is not served is nothing to worry about. */
export function toneOfWatch(state: string, expected = true): Tone {
  if (state === 'not_served' && !expected) return 'off'
  return (WATCH_TONES as Readonly<Record<string, Tone>>)[state] ?? 'unknown'
}

/** The tone of a health; a word we do not know is unknown. */
export const toneOfHealth = (health: string): Tone => ((HEALTHS as readonly string[]).includes(health) ? (health as Health) : 'unknown')

/** A word of ours as people read it: `not_served` is "not served", `redundancyGroup` is "redundancy group". */
export const wordOf = (word: string): string =>
  word.replaceAll('_', ' ').replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The worst of some tones; none at all is unknown, because nothing was proven. */
export function worstTone(tones: readonly Tone[]): Tone {
  let worst: Tone | undefined
  for (const tone of tones) if (worst === undefined || TONE_ORDER.indexOf(tone) > TONE_ORDER.indexOf(worst)) worst = tone
  return worst ?? 'unknown'
}
