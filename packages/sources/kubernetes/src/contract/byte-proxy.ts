import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** Stands between a source and any API server, below TLS, and does what networks do. Loopback only. */
export interface ByteProxy {
  readonly port: number
  /** Ends open connections: by reset, or in order. */
  cut(how: 'reset' | 'fin'): void
  /** From now on bytes of open and new connections go nowhere, but nothing is closed. */
  hold(on: boolean): void
  /** Stops listening (connections are refused), or listens again on the same port. */
  refuse(on: boolean): Promise<void>
  /** Open connections through it. */
  open(): number
  close(): Promise<void>
}

/** Opens a proxy to a host and port. */
export async function openByteProxy(host: string, port: number): Promise<ByteProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let held = false
  const accept = (near: Socket): void => {
    const far = connect(port, host)
    const pair = [near, far] as const
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    near.pipe(far)
    far.pipe(near)
    if (held) for (const socket of pair) socket.unpipe().pause()
  }
  const listen = async (at: number): Promise<Server> => {
    const server = createServer(accept)
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server: Server | undefined = await listen(0)
  const own = (server.address() as AddressInfo).port
  const cut = (how: 'reset' | 'fin'): void => {
    for (const [near, far] of pairs) {
      if (how === 'reset') near.resetAndDestroy()
      else near.end()
      far.destroy()
    }
  }
  const refuse = async (on: boolean): Promise<void> => {
    if (on && server !== undefined) {
      const closed = once(server, 'close')
      server.close()
      cut('reset')
      server = undefined
      await closed
    } else if (!on) server ??= await listen(own)
  }
  return {
    port: own,
    cut,
    hold: (on) => {
      held = on
      for (const [near, far] of pairs) {
        if (on) for (const socket of [near, far]) socket.unpipe().pause()
        else {
          near.pipe(far)
          far.pipe(near)
        }
      }
    },
    refuse,
    open: () => pairs.size,
    close: () => refuse(true),
  }
}
