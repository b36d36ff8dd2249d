import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDelivery, type Delivery } from '@binnacle/delivery'
import { projectorModule } from '@binnacle/hub'
import { Identity } from '@binnacle/identity'
import type { Clock, Gauge, Grant, NoteFact } from '@binnacle/protocol'
import { openSqliteStore, type Store } from '@binnacle/store'

const serverClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms).unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Waits for a condition; fails with `what` after `deadlineMs`. */
export async function eventually(what: string, condition: () => boolean, deadlineMs = 8_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

/** A note as the log keeps it; `n` tells events apart. */
export const note = (n: number, event: Partial<NoteFact['event']> = {}): NoteFact => ({
  fact: 'note',
  event: {
    event_type: 'cr_updated',
    scope: `fabric/${1 + (n % 2)}`,
    subject: { kind: n % 5 === 0 ? 'Switch' : 'VPC', namespace: 'default', name: `name-${n % 7}` },
    data: { n },
    observedAt: Date.now(),
    source: 'test',
    ...event,
  },
})

/** A server of delivery that can be cut, frozen and restarted on the same port, over a store that stays. */
export interface LiveBench {
  readonly url: string
  readonly store: Store
  readonly identity: Identity
  delivery(): Delivery
  readonly token: string
  account(name: string, grants: readonly Grant[]): Promise<{ readonly userId: string; readonly tokenId: string; readonly secret: string }>
  write(...notes: readonly NoteFact[]): Promise<void>
  pushGauges(values: readonly Gauge[]): void
  /** Resets every connection. */
  cut(): void
  /** Everything connected hears nothing more, and is not told. */
  freeze(): void
  stop(): Promise<void>
  start(): Promise<void>
  /** Upgrades seen so far. */
  upgrades(): number
  end(): Promise<void>
}

/** Opens it in a folder of its own. */
export async function openLiveBench(heartbeatMs = 50): Promise<LiveBench> {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-client-'))
  const store = await openSqliteStore({
    path: join(folder, 'store.db'),
    projector: projectorModule,
    keys: { current: randomBytes(32) },
    retention: { eventsMs: 86_400_000, eventsMax: 1_000_000, versionsMs: 86_400_000, versionsPerObject: 5 },
    now: () => Date.now(),
  })
  const identity = await Identity.open({
    accounts: store.accounts,
    audit: store.audit,
    sink: store.facts,
    clock: serverClock,
    signingKey: randomBytes(32),
    generation: 'test',
  })
  const account = async (name: string, grants: readonly Grant[]) => {
    const user = await identity.createUser({ name, displayName: name, password: undefined, grants }, 'test')
    const { secret, token } = await identity.createToken({ userId: user.id, name: 'test', grants, ttlSeconds: null }, 'test')
    return { userId: user.id, tokenId: token.id, secret }
  }
  const { secret: token } = await account('all', [{ role: 'admin', scope: '*' }])
  const gaugeListeners = new Set<(values: readonly Gauge[]) => void>()
  const sockets = new Set<Socket>()
  let port = 0
  let upgrades = 0
  let delivery: Delivery | null = null
  let server: Server | null = null

  const start = async (): Promise<void> => {
    const current = createDelivery({
      log: store.log,
      grants: identity,
      gauges: {
        gauges: () => [],
        onGauges: (listener) => {
          gaugeListeners.add(listener)
          return () => gaugeListeners.delete(listener)
        },
      },
      clock: serverClock,
      random: Math.random,
      limits: { heartbeatMs, gaugeMs: 20 },
      logger: { info: () => undefined, warn: () => undefined },
    })
    delivery = current
    server = createServer()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.on('upgrade', (request, socket, head) => {
      upgrades++
      current.handleUpgrade(request, socket, head)
    })
    await new Promise<void>((resolve) => {
      server?.listen(port, '127.0.0.1', resolve)
    })
    port = (server.address() as AddressInfo).port
  }
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const stop = async (): Promise<void> => {
    await delivery?.close()
    cut()
    await new Promise<void>((resolve) => {
      if (server === null || !server.listening) resolve()
      else server.close(() => resolve())
    })
  }
  await start()
  return {
    url: `ws://127.0.0.1:${port}/api/v1/ws`,
    store,
    identity,
    delivery: () => delivery as Delivery,
    token,
    account,
    write: async (...notes) => {
      await store.facts.write(notes)
    },
    pushGauges: (values) => {
      for (const listener of gaugeListeners) listener(values)
    },
    cut,
    freeze: () => {
      // Bytes neither leave nor arrive; the connection stays open.
      for (const socket of sockets) {
        socket.pause()
        socket.cork()
      }
    },
    stop,
    start,
    upgrades: () => upgrades,
    end: async () => {
      await stop()
      identity.close()
      await store.control.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
