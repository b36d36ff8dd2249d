import { parsePosition } from '@binnacle/protocol'
import type { Feed } from './feed.ts'
import type { ReadFrame } from './server-frames.ts'

/** Frames that name a subscription by the server's number alone. */
export type NumberedFrame = Extract<ReadFrame, { readonly sub: number }>

const seqOf = (position: string | null): number => parsePosition(position ?? '')?.seq ?? 0

/**
 * The feeds that a frame is for. A server may give one number to subscriptions with the same effective filter, also
 * to two of one connection, and then sends a stretch of the log once: it is for those that stand where it begins. One
 * that still reads the log passes over what is sent for the others; one that has caught up has a hole when a stretch
 * begins further on than it stands, and when nobody stands there all have one: they take the frame and see it.
 */
export function takersOf(feeds: Iterable<Feed>, frame: NumberedFrame): readonly Feed[] {
  const named: Feed[] = []
  for (const feed of feeds) if (feed.sub === frame.sub) named.push(feed)
  if (named.length < 2) return named
  if (frame.type === 'caught_up') return named.filter((feed) => !feed.caughtUp && feed.position === frame.at)
  if (frame.type !== 'events' || !named.some((feed) => feed.position === frame.from)) return named
  const from = seqOf(frame.from)
  return named.filter((feed) => feed.position === frame.from || (feed.caughtUp && seqOf(feed.position) < from))
}
