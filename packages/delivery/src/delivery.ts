import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  formatPosition,
  type Clock,
  type CloseReason,
  type ConnectionList,
  type EventLog,
  type Grants,
  type Random,
} from '@binnacle/protocol'
import { WebSocketServer } from 'ws'
import { Connection, type ConnectionPorts } from './connection.ts'
import type { DeliveryLogger } from './delivery-logger.ts'
import { Fanout } from './fanout.ts'
import { GaugeFeed, type GaugePort } from './gauge-feed.ts'
import { DEFAULT_DELIVERY_LIMITS, type DeliveryLimits } from './limits.ts'
import { ProtocolSocket } from './protocol-socket.ts'
import { ReadTurns } from './read-turns.ts'
import { frameBytes } from './shared-frame.ts'
import { TokenBucket } from './token-bucket.ts'

/** What {@link createDelivery} needs. */
export interface DeliveryOptions {
  readonly log: EventLog
  readonly grants: Grants
  readonly gauges: GaugePort
  readonly clock: Clock
  readonly random: Random
  readonly limits?: Partial<DeliveryLimits>
  readonly logger: DeliveryLogger
  /** The monitor's verdict for heartbeats; absent while no monitor is attached. */
  readonly monitor?: () => { readonly verdict: string; readonly age_ms: number } | undefined
}

/** Figures of delivery since the start. */
export interface DeliveryMetrics extends ReturnType<Fanout['figures']> {
  readonly connections: number
  readonly unknownConnections: number
  readonly subscriptions: number
  readonly lagging: number
  readonly unsentBytes: number
  readonly accepted: number
  readonly refused: number
  readonly closed: Readonly<Partial<Record<CloseReason | 'peer', number>>>
  readonly gaugeFrames: number
}

/** The server side of live delivery. */
export interface Delivery {
  /** Takes over an upgrade. Whoever calls has run the guards of REST (path, Host, Origin, address limits) before. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, from?: { readonly address?: string }): void
  /** Who is connected, for the list in REST. */
  connections(): ConnectionList['connections']
  /** Ends one; false when there is none of that id. */
  end(connectionId: string): boolean
  metrics(): DeliveryMetrics
  /** Tells everybody that the server restarts, and lets go of everything. */
  close(): Promise<void>
}

/** Clients that do not answer the last close frame are cut after this many milliseconds. */
const LAST_WORD_MS = 1_000

/** Makes delivery and starts to follow the log. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { log, grants, clock, logger, random } = options
  const limits: DeliveryLimits = { ...DEFAULT_DELIVERY_LIMITS, ...options.limits }
  const all = new Map<string, Connection>()
  const replays = new Map<string, TokenBucket>()
  const counts = { accepted: 0, refused: 0 }
  const closed: Partial<Record<CloseReason | 'peer', number>> = {}
  let closing = false

  const wss = new WebSocketServer<typeof ProtocolSocket>({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    WebSocket: ProtocolSocket,
  })
  const fanout = new Fanout({
    log,
    clock,
    tickMs: limits.tickMs,
    keepMs: 2 * limits.slowMs,
    onEpoch: () => {
      for (const connection of all.values()) connection.loseAll('epoch')
    },
  })
  const gauges = new GaugeFeed(options.gauges, clock, limits.gaugeMs, () => fanout.groups.all())
  const ofUser = (userId: string): Connection[] => [...all.values()].filter((connection) => connection.user === userId)
  const unknown = (): number => ofUser('').length

  const ports: ConnectionPorts = {
    log,
    grants,
    clock,
    limits,
    logger,
    fanout,
    gauges,
    reading: { log, turns: new ReadTurns(limits.replayReaders), unsentBytes: limits.unsentBytes, monotonic: () => clock.monotonic() },
    enter: (_connection, identity) => ofUser(identity.userId).length < limits.connectionsPerUser,
    subscriptionsOf: (userId) => ofUser(userId).reduce((sum, connection) => sum + connection.subscriptions, 0),
    mayReplay: (userId) => {
      const now = clock.monotonic()
      const bucket = replays.get(userId) ?? new TokenBucket(limits.replayBurst, limits.replayPerSecond, now)
      replays.set(userId, bucket)
      return bucket.take(1, now)
    },
    left: (connection, reason) => {
      all.delete(connection.id)
      const key = reason ?? 'peer'
      closed[key] = (closed[key] ?? 0) + 1
    },
  }

  const endChanges = grants.onChange(({ userId }) => {
    for (const connection of ofUser(userId)) connection.rightsChanged()
  })

  let beatTimer = clock.after(limits.heartbeatMs, beat)
  function beat(): void {
    fanout.beat()
    const head = formatPosition({ epoch: fanout.epoch, seq: fanout.seen })
    const monitor = options.monitor?.()
    const bytes = frameBytes({ type: 'heartbeat', head, ...(monitor === undefined ? {} : { monitor: { ...monitor } }) })
    for (const connection of all.values()) connection.beat(bytes)
    beatTimer = clock.after(limits.heartbeatMs, beat)
  }

  const newId = (): string =>
    Array.from({ length: 16 }, () => '0123456789abcdefghijklmnopqrstuv'[Math.floor(random() * 32)] ?? '0').join('')

  return {
    handleUpgrade: (request, socket, head, from) => {
      if (closing || all.size >= limits.connections || unknown() >= limits.unknownConnections) {
        counts.refused++
        socket.on('error', () => undefined)
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n')
        return
      }
      wss.handleUpgrade(request, socket, head, (ws) => {
        counts.accepted++
        const connection = new Connection(newId(), ws, socket, from?.address ?? request.socket.remoteAddress ?? '', ports)
        all.set(connection.id, connection)
      })
    },
    connections: () => [...all.values()].filter((each) => each.identity !== null).map((each) => each.view()),
    end: (connectionId) => {
      const connection = all.get(connectionId)
      connection?.close('going_away', 'ended by an administrator')
      return connection !== undefined
    },
    metrics: () => ({
      ...fanout.figures(),
      ...counts,
      connections: all.size,
      unknownConnections: unknown(),
      subscriptions: [...all.values()].reduce((sum, each) => sum + each.subscriptions, 0),
      lagging: [...all.values()].reduce((sum, each) => sum + each.lagging, 0),
      unsentBytes: [...all.values()].reduce((sum, each) => sum + each.outbox.unsent, 0),
      closed: { ...closed },
      gaugeFrames: gauges.frames,
    }),
    close: async () => {
      closing = true
      beatTimer.cancel()
      endChanges()
      gauges.close()
      fanout.close()
      const last = [...all.values()]
      for (const connection of last) connection.close('restart', 'come back in a moment')
      if (last.length > 0) {
        await new Promise<void>((resolve) => {
          clock.after(Math.min(LAST_WORD_MS, 50 + last.length), resolve)
        })
        for (const connection of last) connection.terminate()
      }
      wss.close()
    },
  }
}
