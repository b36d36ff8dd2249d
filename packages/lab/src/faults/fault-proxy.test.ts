import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { startLabServer } from '../apiserver/lab-server.ts'
import { labClock } from '../lab-clock.ts'
import { waitUntil } from '../wait-until.ts'
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts'

/** A server that answers every piece with the same piece, and a proxy before it. */
async function echo(): Promise<{ proxy: FaultProxy; peers: Set<Socket> }> {
  const peers = new Set<Socket>()
  const server = createServer((socket) => {
    peers.add(socket)
    socket.on('close', () => peers.delete(socket))
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await createFaultProxy({ target: { port: (server.address() as AddressInfo).port }, clock: labClock })
  onTestFinished(async () => {
    await proxy.close()
    for (const peer of peers) peer.destroy()
    server.close()
  })
  return { proxy, peers }
}

interface Dialled {
  readonly socket: Socket
  readonly received: () => string
  readonly ended: Promise<'fin' | 'reset'>
}

async function dial(port: number): Promise<Dialled> {
  const socket = connect({ port, host: '127.0.0.1' })
  let received = ''
  socket.on('data', (data: Buffer) => {
    received += data.toString()
  })
  const ended = new Promise<'fin' | 'reset'>((resolve) => {
    socket.on('end', () => resolve('fin'))
    socket.on('error', () => resolve('reset'))
  })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket, received: () => received, ended }
}

const faultsOf = (proxy: FaultProxy): string[] => proxy.timeline.map(({ fault }) => fault.type)

test('[LF16] without a fault everything passes, also the end of a connection', async () => {
  const { proxy, peers } = await echo()
  const client = await dial(proxy.port)
  client.socket.write('through')
  await waitUntil('the echo', () => client.received() === 'through')
  expect(proxy.connections).toBe(1)
  client.socket.end()
  expect(await client.ended).toBe('fin')
  await waitUntil('no connection left', () => proxy.connections === 0 && peers.size === 0)
})

test.each(['reset', 'fin'] as const)(
  '[LF17] a cut by %s ends what is open on both sides in that way; new connections pass',
  async (how) => {
    const { proxy, peers } = await echo()
    const client = await dial(proxy.port)
    client.socket.write('a')
    await waitUntil('the echo', () => client.received() === 'a')
    expect(proxy.cut(how)).toBe(1)
    expect(await client.ended).toBe(how)
    await waitUntil('the target knows', () => peers.size === 0)
    const again = await dial(proxy.port)
    again.socket.write('b')
    await waitUntil('the echo', () => again.received() === 'b')
    expect(proxy.timeline).toMatchObject([{ fault: { type: 'cut', how, connections: 1 } }])
  },
)

test('[LF18] half open: writes succeed, nothing arrives, nobody is told; healing resets what was lost', async () => {
  const { proxy, peers } = await echo()
  const client = await dial(proxy.port)
  client.socket.write('a')
  await waitUntil('the echo', () => client.received() === 'a')
  expect(proxy.halfOpen()).toBe(1)
  let written = false
  client.socket.write('lost', () => {
    written = true
  })
  await waitUntil('the write succeeded', () => written)
  const late = await dial(proxy.port)
  late.socket.write('also lost')
  // The other direction as well: the target speaks, nobody hears it.
  const bytes = [...peers][0]?.bytesWritten ?? 0
  for (const peer of peers) peer.write('from the target')
  await waitUntil('the target spoke', () => ([...peers][0]?.bytesWritten ?? 0) > bytes)
  expect(client.received()).toBe('a')
  expect(client.socket.destroyed).toBe(false)
  await proxy.heal()
  expect(await client.ended).toBe('reset')
  expect(await late.ended).toBe('reset')
  const again = await dial(proxy.port)
  again.socket.write('b')
  await waitUntil('the echo', () => again.received() === 'b')
  expect(client.received() + late.received()).toBe('a')
  expect(faultsOf(proxy)).toEqual(['half_open', 'none'])
})

test('[LF19] refused for a while: open connections are reset, new ones refused, then the same port listens again', async () => {
  const { proxy } = await echo()
  const client = await dial(proxy.port)
  await proxy.refuse(150)
  expect(await client.ended).toBe('reset')
  await expect(dial(proxy.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const again = await waitUntil('listening again', () => dial(proxy.port).catch(() => undefined))
  again.socket.write('b')
  await waitUntil('the echo', () => again.received() === 'b')
  expect(faultsOf(proxy)).toEqual(['refuse', 'none'])
  const [refused, healed] = proxy.timeline.map(({ at }) => at)
  expect((healed ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(140)
})

test('[LF20] delayed data comes in order and so much later, once per direction', async () => {
  const { proxy } = await echo()
  const client = await dial(proxy.port)
  proxy.delay(80)
  const begun = performance.now()
  client.socket.write('a')
  client.socket.write('b')
  await waitUntil('the echo', () => client.received() === 'ab')
  expect(performance.now() - begun).toBeGreaterThanOrEqual(155)
  await proxy.heal()
  const healed = performance.now()
  client.socket.write('c')
  await waitUntil('the echo', () => client.received() === 'abc')
  expect(performance.now() - healed).toBeLessThan(150)
})

test('[LF21] a limited line brings no more than its bytes per second, and loses none', async () => {
  const { proxy } = await echo()
  const client = await dial(proxy.port)
  proxy.limitBytesPerSecond(20_000)
  const begun = performance.now()
  client.socket.write('x'.repeat(10_000))
  await waitUntil('all of it', () => client.received().length === 10_000)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(350)
})

test('[LF22] TLS passes untouched: the certificate is the target’s own, and the time line tells every fault with its time', async () => {
  const server = await startLabServer()
  const proxy = await createFaultProxy({ target: { port: server.port }, clock: labClock })
  onTestFinished(async () => {
    await proxy.close()
    await server.close()
  })
  const socket = tlsConnect({ port: proxy.port, host: '127.0.0.1', ca: server.ca })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  expect(socket.authorized).toBe(true)
  const before = Date.now()
  proxy.delay(10)
  proxy.cut('reset')
  await proxy.heal()
  expect(faultsOf(proxy)).toEqual(['delay', 'cut', 'none'])
  for (const { at } of proxy.timeline) {
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
  }
})
