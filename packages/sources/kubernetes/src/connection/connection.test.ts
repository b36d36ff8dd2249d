import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { startLabServer } from '@binnacle/lab'
import { afterEach, expect, test } from 'vitest'
import { realClock } from '../contract/real-clock.ts'
import { until, watch } from '../contract/source-cases.ts'
import { SUITE_KINDS } from '../contract/hedgehog-kinds.ts'
import { openHttpConnection, type Connection } from './connection.ts'
import { inspectConnection } from './inspect-connection.ts'
import { openConnection } from './open-connection.ts'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(async () => {
    server.closeAllConnections()
    server.close()
    await Promise.resolve()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function connected(server: string): Connection {
  const connection = openHttpConnection({
    server,
    tls: { insecure: false },
    authorize: () => Promise.resolve({ authorization: 'Bearer secret' }),
    clock: realClock,
  })
  endings.push(() => connection.close())
  return connection
}

const failure = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => ({ code: 'none', message: '' }),
    (error: unknown) => error as { code: string; message: string },
  )

test('[KS30] a redirect is not followed: nobody else hears from us', async () => {
  const heard: string[] = []
  const other = await answering((request, response) => {
    heard.push(request.headers.authorization ?? 'nothing')
    response.end('{}')
  })
  for (const status of [301, 302, 307, 308]) {
    const server = await answering((_request, response) => response.writeHead(status, { location: `${other}/version` }).end())
    expect((await failure(connected(server).json('/version'))).code).toBe('CLUSTER_PROTOCOL')
  }
  expect(heard).toEqual([])
  await connected(other)
    .json('/version')
    .catch(() => undefined)
  expect(heard).toEqual(['Bearer secret'])
})

test('[KS31] pages, long errors, endless headers, endless bodies and silence end as one catalogue error in time', async () => {
  const cases: [string, (request: IncomingMessage, response: ServerResponse) => void, string][] = [
    ['a page', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'CLUSTER_PROTOCOL'],
    ['no JSON', (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'), 'CLUSTER_PROTOCOL'],
    ['a long error', (_, response) => response.writeHead(418).end(`\u001b[31m\u202e${'secret '.repeat(100_000)}`), 'CLUSTER_PROTOCOL'],
    ['a huge header', (_, response) => response.writeHead(200, { 'x-long': 'x'.repeat(200_000) }).end(), 'CLUSTER_PROTOCOL'],
    ['silence', () => undefined, 'CLUSTER_UNREACHABLE'],
    [
      'a dripping body',
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
      'CLUSTER_UNREACHABLE',
    ],
    ['a dripping error', (_, response) => void response.writeHead(500).write('{'), 'CLUSTER_UNREACHABLE'],
    ['a hang-up', (request) => request.socket.destroy(), 'CLUSTER_UNREACHABLE'],
  ]
  for (const [name, answer, code] of cases) {
    const begun = performance.now()
    const error = await failure(connected(await answering(answer)).json('/version', { deadlineMs: 500 }))
    expect(error.code, name).toBe(code)
    expect(error.message.length, name).toBeLessThan(1_200)
    expect(error.message, name).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(performance.now() - begun, name).toBeLessThan(3_000)
  }
})

test('[KS31] an answer of more than 16 MiB in one piece is refused; a plug-in that never answers ends at the deadline', async () => {
  const server = await answering((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  })
  expect((await failure(connected(server).json('/version', { deadlineMs: 20_000 }))).message).toContain('more than')
  const hung = openHttpConnection({ server, tls: { insecure: false }, authorize: () => new Promise(() => undefined), clock: realClock })
  endings.push(() => hung.close())
  expect((await failure(hung.json('/version', { deadlineMs: 200 }))).code).toBe('CLUSTER_UNREACHABLE')
})

test('[KS31] a server that does not speak HTTP is no Kubernetes server', async () => {
  const server = createTcpServer((socket) => socket.on('error', () => undefined).write('SSH-2.0-OpenSSH\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(() => Promise.resolve(server.close()))
  expect((await failure(connected(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).json('/version'))).code).toBe(
    'CLUSTER_PROTOCOL',
  )
})

test('[KS32] two connections with different CAs at one address: one always fails, the other never', async () => {
  const lab = await startLabServer()
  const foreign = await startLabServer()
  endings.push(
    () => lab.close(),
    () => foreign.close(),
  )
  const { view, secret } = inspectConnection(
    { type: 'kubeconfig', kubeconfig: lab.kubeconfig() },
    { trusted: true, allowInsecure: false, destinations: undefined },
  )
  const good = await openConnection(view, secret, { clock: realClock, destinations: undefined })
  const bad = await openConnection({ ...view, ca: foreign.ca }, secret, { clock: realClock, destinations: undefined })
  endings.push(
    () => good.close(),
    () => bad.close(),
  )
  const outcomes = new Set<string>()
  for (let turn = 0; turn < 100; turn += 1)
    outcomes.add(`${(await failure(good.json('/version'))).code} ${(await failure(bad.json('/version'))).code}`)
  expect([...outcomes]).toEqual(['none CLUSTER_TLS'])
})

test('[KS28] a server that ends every watch at once is asked again after growing pauses, and is not live in between', async () => {
  let watches = 0
  const json = (response: ServerResponse, value: unknown): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const server = await answering((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    if (url.pathname === '/version') return json(response, { gitVersion: 'v1.20.0' })
    if (url.pathname === '/apis')
      return json(response, { kind: 'APIGroupList', groups: [{ name: 'wiring.githedgehog.com', versions: [{ version: 'v1beta1' }] }] })
    if (url.pathname === '/apis/wiring.githedgehog.com/v1beta1')
      return json(response, { resources: [{ name: 'servers', kind: 'Server', namespaced: true, verbs: ['list', 'watch'] }] })
    if (url.searchParams.get('watch') === null) return json(response, { kind: 'ServerList', metadata: { resourceVersion: '5' }, items: [] })
    watches += 1
    return void response.writeHead(200, { 'content-type': 'application/json' }).end()
  })
  const watching = watch(() => Promise.resolve(connected(server)), { wanted: SUITE_KINDS.filter(({ kind }) => kind === 'Server') })
  endings.push(() => watching.source.stop())
  await until('it says so', () => watching.status('Server').cause?.message.includes('at once') === true)
  const begun = performance.now()
  const before = watches
  await until('it was tried some more', () => watches >= before + 3)
  await until('a second has passed', () => performance.now() - begun > 1_000)
  expect(watches - before).toBeLessThan(40)
})
