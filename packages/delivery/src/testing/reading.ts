import { expect } from 'vitest'
import type { TestReader } from './delivery-bench.ts'

/** The grants of somebody who sees all. */
export const EVERYTHING = [{ role: 'admin', scope: '*' }] as const

/** Whole numbers, both ends included. */
export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** The `n` of all events of a subscription. */
export const numbers = (reader: TestReader, sub: number): unknown[] =>
  reader.of('events').flatMap((frame) => (frame.sub === sub ? frame.events.map((event) => event.data['n']) : []))

/** Fails unless each frame of a subscription begins where the last one ended; `at`: where it began. Gives back the end. */
export function continuous(reader: TestReader, sub: number, at: string): string {
  for (const frame of reader.of('events').filter((each) => each.sub === sub)) {
    expect(frame.from).toBe(at)
    at = frame.to
  }
  return at
}
