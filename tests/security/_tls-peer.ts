import { createLabAuthority } from '@binnacle/lab'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A server with a certificate of its own that does whatever a test wants, and remembers who came. */
export interface TlsPeer {
  readonly url: string
  readonly ca: string
  /** TCP connections so far. */
  readonly connections: number
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  /** Authorization headers that arrived. */
  readonly credentials: readonly string[]
  close(): Promise<void>
}

/** Starts a peer on loopback. */
export async function startTlsPeer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TlsPeer> {
  const authority = createLabAuthority()
  const asked: string[] = []
  const credentials: string[] = []
  let connections = 0
  const server = createServer(authority.server(['127.0.0.1', 'localhost']), (request, response) => {
    asked.push(request.url ?? '')
    if (request.headers.authorization !== undefined) credentials.push(request.headers.authorization)
    response.on('error', () => undefined)
    answer(request, response)
  })
  server.on('connection', (socket) => {
    connections += 1
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: authority.ca,
    get connections() {
      return connections
    },
    asked,
    credentials,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
