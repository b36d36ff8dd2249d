import { z } from 'zod'

/**
 * Where a reader stands in the log of one hub: `seq` is 1, 2, 3, … without gaps, assigned at commit.
 * `epoch` changes when history was lost or restored; a `seq` of another epoch means nothing then.
 * Position `0` is "before the first event".
 */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** `epoch:seq` as it travels in frames, REST answers and URLs, e.g. `9f3a:48213`. */
export const positionText = z
  .string()
  .max(64)
  .regex(/^[0-9a-z]{1,32}:(0|[1-9][0-9]{0,15})$/, 'a position is written epoch:seq, for example 9f3a:48213')

/** Writes a position as `epoch:seq`. */
export const formatPosition = (position: Position): string => `${position.epoch}:${position.seq}`

/** Reads `epoch:seq`; `undefined` when the text is not a position. */
export function parsePosition(text: string): Position | undefined {
  if (!positionText.safeParse(text).success) return undefined
  const colon = text.indexOf(':')
  const seq = Number(text.slice(colon + 1))
  return Number.isSafeInteger(seq) ? { epoch: text.slice(0, colon), seq } : undefined
}
