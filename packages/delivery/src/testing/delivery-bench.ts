import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectorModule } from '@binnacle/hub'
import { Identity } from '@binnacle/identity'
import type { ClientFrame, Clock, Gauge, Grant, NoteFact, ServerFrame } from '@binnacle/protocol'
import { openSqliteStore, type Store } from '@binnacle/store'
import { WebSocket } from 'ws'
import { createDelivery, type Delivery } from '../delivery.ts'
import type { DeliveryLimits } from '../limits.ts'
import { SteppedClock } from './stepped-clock.ts'

/** Real time. */
export const realClock: Clock = {
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
    scope: 'fabric/1',
    subject: { kind: 'VPC', namespace: 'default', name: `vpc-${n % 3}` },
    data: { n },
    observedAt: Date.now(),
    source: 'test',
    ...event,
  },
})

/** A reader over a plain `ws` socket that keeps everything it is told. */
export class TestReader {
  readonly frames: ServerFrame[] = []
  readonly texts: string[] = []
  readonly ws: WebSocket
  closed: { readonly code: number; readonly reason: string } | null = null

  constructor(url: string) {
    this.ws = new WebSocket(url, { perMessageDeflate: false })
    this.ws.on('message', (data: Buffer) => {
      const text = data.toString('utf8')
      this.texts.push(text)
      this.frames.push(JSON.parse(text) as ServerFrame)
    })
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    this.ws.on('error', () => undefined)
  }

  send(frame: ClientFrame): void {
    this.ws.send(JSON.stringify(frame))
  }

  async opened(): Promise<void> {
    await eventually('the socket is open', () => this.ws.readyState === WebSocket.OPEN)
  }

  /** Frames of one type. */
  of<T extends ServerFrame['type']>(type: T): Extract<ServerFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type)
  }

  async first<T extends ServerFrame['type']>(type: T): Promise<Extract<ServerFrame, { type: T }>> {
    await eventually(`a frame ${type}; closed: ${JSON.stringify(this.closed)}`, () => this.of(type).length > 0)
    return this.of(type)[0] as Extract<ServerFrame, { type: T }>
  }

  /** The seqs of all events of a subscription. */
  seqs(sub: number): number[] {
    return this.of('events').flatMap((frame) => (frame.sub === sub ? frame.events.map((event) => event.seq) : []))
  }

  /** Subscribes and waits for the number. */
  async subscribe(frame: Omit<Extract<ClientFrame, { type: 'subscribe' }>, 'type'>): Promise<number> {
    this.send({ type: 'subscribe', ...frame })
    const mine = () => this.of('subscribed').find((each) => each.id === frame.id)
    await eventually(`subscribed ${frame.id}; ${JSON.stringify(this.of('error'))}`, () => mine() !== undefined)
    return mine()?.sub ?? 0
  }

  async gone(): Promise<{ readonly code: number; readonly reason: string }> {
    await eventually('the connection is closed', () => this.closed !== null)
    return this.closed ?? { code: 0, reason: '' }
  }
}

/** A user with an API token. */
export interface Account {
  readonly userId: string
  readonly userName: string
  readonly tokenId: string
  readonly secret: string
}

/** What outlives one delivery: a real store and identity in a folder of their own. Opening it is what takes time. */
export interface Ground {
  readonly store: Store
  readonly identity: Identity
  end(): Promise<void>
}

/** Opens a ground; `eventsMax` events are kept by retention. */
export async function openGround(eventsMax = 1_000_000): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-delivery-'))
  const store = await openSqliteStore({
    path: join(folder, 'store.db'),
    projector: projectorModule,
    keys: { current: randomBytes(32) },
    retention: { eventsMs: 86_400_000, eventsMax, versionsMs: 86_400_000, versionsPerObject: 5 },
    now: () => Date.now(),
  })
  const identity = await Identity.open({
    accounts: store.accounts,
    audit: store.audit,
    sink: store.facts,
    clock: realClock,
    signingKey: randomBytes(32),
    generation: 'test',
  })
  return {
    store,
    identity,
    end: async () => {
      identity.close()
      await store.control.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Delivery over a real store, identity and HTTP server on loopback. */
export interface DeliveryBench {
  readonly store: Store
  readonly identity: Identity
  readonly delivery: Delivery
  readonly url: string
  /** Gauges to push by hand; nothing else is simulated. */
  pushGauges(values: readonly Gauge[]): void
  /** A user with an API token; the name gets a number, so that it is new. */
  account(name: string, grants: readonly Grant[], ttlSeconds?: number): Promise<Account>
  /** A reader that said hello. */
  reader(secret: string): Promise<TestReader>
  /** A bare TCP connection after the upgrade. */
  bare(): Promise<Socket>
  write(...notes: readonly NoteFact[]): Promise<void>
  end(): Promise<void>
}

let accounts = 0

/** Opens delivery over a ground that stays. */
export async function openBench(ground: Ground, limits: Partial<DeliveryLimits> = {}, clock: Clock = realClock): Promise<DeliveryBench> {
  const { store, identity } = ground
  const listeners = new Set<(values: readonly Gauge[]) => void>()
  const held = new Map<string, Gauge>()
  const delivery = createDelivery({
    log: store.log,
    grants: identity,
    gauges: {
      gauges: (scope) => [...held.values()].filter((gauge) => gauge.scope === scope),
      onGauges: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    clock,
    random: Math.random,
    limits,
    logger: { info: () => undefined, warn: () => undefined },
  })
  const server: Server = createServer()
  server.on('upgrade', (request, socket, head) => delivery.handleUpgrade(request, socket, head))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/api/v1/ws`
  const readers: TestReader[] = []
  const sockets: Socket[] = []
  return {
    store,
    identity,
    delivery,
    url,
    pushGauges: (values) => {
      for (const value of values) held.set(`${value.scope} ${value.name}`, value)
      for (const listener of listeners) listener(values)
    },
    account: async (plainName, grants, ttlSeconds) => {
      const name = `${plainName}-${++accounts}`
      const user = await identity.createUser({ name, displayName: name, password: undefined, grants }, 'test')
      const { secret, token } = await identity.createToken(
        { userId: user.id, name: 'test', grants, ttlSeconds: ttlSeconds ?? null },
        'test',
      )
      return { userId: user.id, userName: name, tokenId: token.id, secret }
    },
    reader: async (secret) => {
      const reader = new TestReader(url)
      readers.push(reader)
      await reader.opened()
      reader.send({ type: 'hello', protocol: 1, token: secret })
      await reader.first('welcome')
      return reader
    },
    bare: async () => {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => undefined)
      let answer = ''
      const hear = (data: Buffer) => {
        answer += data.toString('latin1')
      }
      socket.on('data', hear)
      socket.write(
        `GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      )
      await eventually('upgraded', () => answer.includes('101 Switching Protocols'))
      socket.off('data', hear)
      return socket
    },
    write: async (...notes) => {
      await store.facts.write(notes)
    },
    end: async () => {
      for (const reader of readers) reader.ws.terminate()
      for (const socket of sockets) socket.destroy()
      const closed = delivery.close()
      if (clock instanceof SteppedClock) clock.advance(60_000)
      await closed
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}
