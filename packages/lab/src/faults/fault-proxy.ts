import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Clock } from '@binnacle/protocol'

/** What the network does. `none`: everything passes. */
export type NetworkFault =
  | { readonly type: 'none' }
  | { readonly type: 'cut'; readonly how: 'reset' | 'fin'; readonly connections: number }
  | { readonly type: 'half_open'; readonly connections: number }
  | { readonly type: 'refuse'; readonly ms: number | null }
  | { readonly type: 'delay'; readonly ms: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number }

/** One entry of the proxy's own time line; later ones hold until the next. `at` is milliseconds since 1970. */
export interface FaultEntry {
  readonly at: number
  readonly fault: NetworkFault
}

/** Where the proxy leads, and its clock. */
export interface FaultProxyOptions {
  readonly target: { readonly host?: string; readonly port: number }
  readonly clock: Clock
  /** 0 takes a free one. */
  readonly port?: number
}

/** A running proxy. */
export interface FaultProxy {
  readonly port: number
  /** Connections that are open through it. */
  readonly connections: number
  /** What was done to the network, oldest first: what watch states on screen can be compared with. */
  readonly timeline: readonly FaultEntry[]
  /** Ends all open connections, by reset or cleanly; returns how many. New ones are welcome. */
  cut(how: 'reset' | 'fin'): number
  /** Swallows everything in both directions, also of new connections, and tells nobody: what a lost route looks like. */
  halfOpen(): number
  /** Stops listening and resets what is open: connections are refused, for `ms` or until heal(). */
  refuse(ms?: number): Promise<void>
  /** Every piece of data arrives so much later, in both directions. */
  delay(ms: number): void
  /** What the target sends arrives at most so fast. */
  limitBytesPerSecond(bytes: number): void
  /** Ends every fault. Connections that were half open are reset: their data is lost, so they must not go on. */
  heal(): Promise<void>
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
  swallowing: boolean
}

/** Pieces of a limited stream: ten a second. */
const PIECE_MS = 100

/**
 * A TCP proxy that can do to a connection what networks do. It looks into nothing, so TLS passes as it is and the
 * certificate of the target must name the proxy's host.
 */
export async function createFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(options)
  await proxy.listen(options.port ?? 0)
  return proxy
}

class TcpFaultProxy implements FaultProxy {
  readonly timeline: FaultEntry[] = []
  readonly #options: FaultProxyOptions
  readonly #pairs = new Set<Pair>()
  #server: Server | undefined
  #port = 0
  #swallow = false
  #delayMs = 0
  #bytesPerSecond = Infinity
  #refusing: { cancel(): void } | undefined

  constructor(options: FaultProxyOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#pairs.size
  }

  async listen(port: number): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => this.#accept(near))
    this.#server = server
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
  }

  cut(how: 'reset' | 'fin'): number {
    const pairs = [...this.#pairs]
    this.#note({ type: 'cut', how, connections: pairs.length })
    for (const pair of pairs) this.#end(pair, how)
    return pairs.length
  }

  halfOpen(): number {
    this.#swallow = true
    this.#note({ type: 'half_open', connections: this.#pairs.size })
    for (const pair of this.#pairs) pair.swallowing = true
    return this.#pairs.size
  }

  async refuse(ms?: number): Promise<void> {
    this.#note({ type: 'refuse', ms: ms ?? null })
    await this.#stop()
    this.#refusing?.cancel()
    if (ms !== undefined) this.#refusing = this.#options.clock.after(ms, () => void this.heal())
  }

  delay(ms: number): void {
    this.#delayMs = ms
    this.#note({ type: 'delay', ms })
  }

  limitBytesPerSecond(bytes: number): void {
    this.#bytesPerSecond = bytes
    this.#note({ type: 'slow', bytesPerSecond: bytes })
  }

  async heal(): Promise<void> {
    this.#refusing?.cancel()
    this.#swallow = false
    this.#delayMs = 0
    this.#bytesPerSecond = Infinity
    for (const pair of this.#pairs) if (pair.swallowing) this.#end(pair, 'reset')
    await this.listen(this.#port)
    this.#note({ type: 'none' })
  }

  async close(): Promise<void> {
    this.#refusing?.cancel()
    await this.#stop()
  }

  #note(fault: NetworkFault): void {
    this.timeline.push({ at: this.#options.clock.now(), fault })
  }

  async #stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    for (const pair of this.#pairs) this.#end(pair, 'reset')
    await closed
  }

  #accept(near: Socket): void {
    const { host = '127.0.0.1', port } = this.#options.target
    const far = connect({ host, port, noDelay: true, allowHalfOpen: true })
    const pair: Pair = { near, far, swallowing: this.#swallow }
    this.#pairs.add(pair)
    this.#carry(pair, near, far, () => Infinity)
    this.#carry(pair, far, near, () => this.#bytesPerSecond)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      // What ends badly on one side ends badly on the other; while swallowing nobody is told.
      socket.on('error', () => {
        if (!pair.swallowing) other.resetAndDestroy()
      })
      socket.on('close', () => {
        if (near.destroyed && far.destroyed) this.#pairs.delete(pair)
      })
    }
  }

  #carry(pair: Pair, from: Socket, to: Socket, limit: () => number): void {
    let last = 0
    const later = (ms: number, act: () => void): void => {
      // Order is kept when the delay shrinks while data is on its way.
      const due = Math.max(last, this.#options.clock.monotonic() + ms)
      last = due
      if (due <= this.#options.clock.monotonic()) act()
      else this.#options.clock.after(due - this.#options.clock.monotonic(), act)
    }
    const send = (data: Buffer): void => {
      if (pair.swallowing || to.destroyed) return
      if (!to.write(data)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    }
    from.on('data', (data: Buffer) => {
      if (pair.swallowing) return
      const rate = limit()
      if (rate === Infinity) {
        later(this.#delayMs, () => send(data))
        return
      }
      const size = Math.max(1, Math.floor((rate * PIECE_MS) / 1_000))
      from.pause()
      let at = 0
      const next = (): void => {
        if (at >= data.length || pair.swallowing) {
          from.resume()
          return
        }
        send(data.subarray(at, at + size))
        at += size
        this.#options.clock.after(PIECE_MS, next)
      }
      later(this.#delayMs, next)
    })
    from.on('end', () => {
      if (!pair.swallowing) later(this.#delayMs, () => to.end())
    })
  }

  #end(pair: Pair, how: 'reset' | 'fin'): void {
    for (const socket of [pair.near, pair.far]) {
      if (how === 'reset') socket.resetAndDestroy()
      else {
        socket.end()
        // The other end may take its time to answer; what it still sends is nobody's any more.
        socket.destroySoon()
      }
    }
  }
}
