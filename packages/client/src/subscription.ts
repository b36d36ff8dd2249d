import type { BinnacleEvent, Channel, Filter, Gauge, LostReason, Start } from '@binnacle/protocol'

/** What a subscription asks for: a filter or a channel (a named filter), and where to start; absent = live from now. */
export interface SubscriptionRequest {
  readonly filter?: Filter
  readonly channel?: Channel
  readonly from?: Start
  /** A name of yours for messages and statistics; absent = given by the client. */
  readonly id?: string
}

/** What a subscription tells. Events come in order, each exactly once, one message per frame. */
export type SubscriptionMessage =
  /** The server accepted it; events after `at` follow. Comes again after each reconnect. */
  | { readonly type: 'subscribed'; readonly at: string }
  | { readonly type: 'events'; readonly events: readonly BinnacleEvent[]; readonly from: string; readonly to: string }
  /** Nothing passed the filter up to `at`: it is filtered, not lost. */
  | { readonly type: 'progress'; readonly at: string }
  /** History up to `at` was delivered; from here on it is live. */
  | { readonly type: 'caught_up'; readonly at: string }
  | { readonly type: 'gauges'; readonly values: readonly Gauge[] }
  | { readonly type: 'samples'; readonly seen: number; readonly shown: number; readonly items: readonly unknown[] }
  /** Events were missed and cannot be had any more: drop the state, read a new snapshot, then `restart` from its `at`. */
  | { readonly type: 'lost'; readonly reason: LostReason; readonly oldest: string; readonly head: string }
  /** The server refused it. With `retry` it is tried again by itself. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string; readonly retry: boolean }

/** Gets the messages of a subscription. An error it throws is counted and goes no further. */
export type SubscriptionHandler = (message: SubscriptionMessage) => void

/** A running subscription; it survives reconnects. */
export interface Subscription {
  readonly id: string
  /** The position up to which everything was handed over; null before the first answer. */
  position(): string | null
  /** Starts again, after `lost` or `refused` or at any time; absent = live from now. */
  restart(from?: Start): void
  end(): void
}
