import { z } from 'zod'
import { eventSchema } from './event.ts'
import { filterSchema } from './filter.ts'
import { isChannel } from './channels.ts'
import { positionText } from './position.ts'

/** The version of the delivery protocol that `hello` names. */
export const PROTOCOL_VERSION = 1

const channelName = z.string().refine(isChannel, 'unknown channel')

/** Where a subscription starts: a position, `oldest`, or a time; absent = live from now. */
export const startSchema = z.union([positionText, z.literal('oldest'), z.strictObject({ time: z.iso.datetime() })])
/** See {@link startSchema}. */
export type Start = z.infer<typeof startSchema>

const subscriptionId = z.string().min(1).max(64)

/** What a client may send. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), protocol: z.int(), token: z.string().max(8192), client: z.string().max(100).optional() }),
  z.strictObject({
    type: z.literal('subscribe'),
    id: subscriptionId,
    filter: filterSchema.optional(),
    channel: channelName.optional(),
    from: startSchema.optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id: subscriptionId }),
  z.strictObject({ type: z.literal('refresh'), token: z.string().max(8192) }),
  z.strictObject({ type: z.literal('receipt'), sub: z.int().positive(), received: positionText, applied: positionText }),
  z.strictObject({ type: z.literal('ping'), t: z.number() }),
])
/** See {@link clientFrameSchema}. */
export type ClientFrame = z.infer<typeof clientFrameSchema>

/** Why a reader must start over. `ahead`: it claims a position that the log has not reached. */
export const LOST_REASONS = ['retention', 'epoch', 'ahead', 'rights'] as const
/** See {@link LOST_REASONS}. */
export type LostReason = (typeof LOST_REASONS)[number]

/** A volatile value: latest wins, no position. `age_ms` is its age when the frame was made. */
export const gaugeSchema = z.object({
  scope: z.string(),
  kind: z.string(),
  name: z.string(),
  values: z.record(z.string(), z.unknown()),
  age_ms: z.number(),
})
/** See {@link gaugeSchema}. */
export type Gauge = z.infer<typeof gaugeSchema>

const subNumber = z.int().positive()

/**
 * What the server may send. `sub` is the server's number of an effective filter: equal subscriptions of different
 * connections share it. A server may give it to two of one connection too; then each stretch is for those that stand
 * at its `from`. Ours gives them two numbers, so that each has a position of its own.
 */
export const serverFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    connection: z.string(),
    user: z.string(),
    epoch: z.string(),
    head: positionText,
    heartbeat_ms: z.number(),
    limits: z.object({ max_frame_bytes: z.number(), max_subscriptions: z.number() }),
  }),
  z.object({ type: z.literal('subscribed'), id: subscriptionId, sub: subNumber, at: positionText }),
  z.object({ type: z.literal('events'), sub: subNumber, from: positionText, to: positionText, events: z.array(eventSchema) }),
  z.object({ type: z.literal('caught_up'), sub: subNumber, at: positionText }),
  z.object({ type: z.literal('gauges'), sub: subNumber, values: z.array(gaugeSchema) }),
  z.object({ type: z.literal('samples'), sub: subNumber, seen: z.number(), shown: z.number(), items: z.array(z.unknown()) }),
  z.object({ type: z.literal('lost'), sub: subNumber, reason: z.enum(LOST_REASONS), oldest: positionText, head: positionText }),
  z.object({
    type: z.literal('heartbeat'),
    head: positionText,
    /** The monitor's verdict; absent while no monitor is attached. */
    monitor: z.object({ verdict: z.string(), age_ms: z.number() }).optional(),
  }),
  z.object({ type: z.literal('auth_expiring'), in_ms: z.number() }),
  z.object({ type: z.literal('pong'), t: z.number() }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), retry: z.boolean(), id: subscriptionId.optional() }),
])
/** See {@link serverFrameSchema}. */
export type ServerFrame = z.infer<typeof serverFrameSchema>

/** Limits of the protocol. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
  /** `hello` must come within this time after the upgrade. */
  helloMs: 5_000,
  /** Before `hello` a frame is at most this large. */
  helloBytes: 4_096,
  /** Frames of consoles. */
  frameBytes: 65_536,
  /** Time between heartbeats. */
  heartbeatMs: 5_000,
  /** A pong must come within this time. */
  pongMs: 10_000,
  /** Above this much unsent data a connection leaves the live path. */
  unsentBytes: 262_144,
  /** Longer than this behind: closed with 4503. */
  slowMs: 60_000,
  subscriptionsPerConnection: 50,
} as const
