import { LIMITS } from '@binnacle/protocol'

/** Limits of delivery. Times in milliseconds, sizes in bytes. */
export interface DeliveryLimits {
  readonly helloMs: number
  readonly helloBytes: number
  readonly frameBytes: number
  readonly heartbeatMs: number
  readonly pongMs: number
  /** Above this much unsent data a connection leaves the live path. */
  readonly unsentBytes: number
  /** Longer than this behind, or without taking a byte: closed. */
  readonly slowMs: number
  readonly subscriptionsPerConnection: number
  readonly subscriptionsPerUser: number
  readonly connectionsPerUser: number
  readonly connections: number
  /** Connections that have not said who they are. */
  readonly unknownConnections: number
  /** Different effective filters in the whole process. */
  readonly groups: number
  /** Time between two frames of a busy group. */
  readonly tickMs: number
  /** Inbound: this many frames at once and per second; each 1,024 bytes count as one more. */
  readonly inboundBurst: number
  readonly inboundPerSecond: number
  /** Replays from the past a user may begin at once and per second. */
  readonly replayBurst: number
  readonly replayPerSecond: number
  /** Reads of the log that run at the same time. */
  readonly replayReaders: number
  /** `auth_expiring` comes this long before the end of the token. */
  readonly expiringMs: number
  /** Gauges of a group come at most once in this time. */
  readonly gaugeMs: number
  /** Nesting of inbound JSON. */
  readonly jsonDepth: number
}

/** The defaults; the first eight are part of the protocol, 5 ms ticks cost a third of the CPU of unbatched frames. */
export const DEFAULT_DELIVERY_LIMITS: DeliveryLimits = {
  helloMs: LIMITS.helloMs,
  helloBytes: LIMITS.helloBytes,
  frameBytes: LIMITS.frameBytes,
  heartbeatMs: LIMITS.heartbeatMs,
  pongMs: LIMITS.pongMs,
  unsentBytes: LIMITS.unsentBytes,
  slowMs: LIMITS.slowMs,
  subscriptionsPerConnection: LIMITS.subscriptionsPerConnection,
  subscriptionsPerUser: 1_000,
  connectionsPerUser: 100,
  connections: 10_000,
  unknownConnections: 1_000,
  groups: 5_000,
  tickMs: 5,
  inboundBurst: 200,
  inboundPerSecond: 50,
  replayBurst: 500,
  replayPerSecond: 10,
  replayReaders: 4,
  expiringMs: 60_000,
  gaugeMs: 1_000,
  jsonDepth: 8,
}
