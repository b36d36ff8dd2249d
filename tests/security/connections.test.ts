import { KINDS } from '@binnacle/hedgehog'
import { hedgehogCrds, startLabServer, type LabServer } from '@binnacle/lab'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/_until.ts'
import { newToken, startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { ask } from './_collect.ts'
import { startTlsPeer, type TlsPeer } from './_tls-peer.ts'

const TOKEN = 'a-credential-of-the-cluster'
/** Everything but VPCs is switched off: one kind proves a connection. */
const settings = { disabled_kinds: KINDS.filter(({ kind }) => kind !== 'VPC').map(({ kind }) => kind) }

interface Body {
  readonly code?: string
  readonly id: number
  readonly status: string
  readonly ok: boolean
  readonly connection: { readonly credential: string; readonly server: string }
  readonly cause: { readonly code: string; readonly message: string } | null
}

let folder: string
let lab: LabServer
/** As installed: clusters given over the API may not be on loopback. */
let strict: HubProcess
/** The same with the guard of destinations off. */
let open: HubProcess
const tokens = new Map<HubProcess, string>()
const peers: TlsPeer[] = []

async function call(hub: HubProcess, path: string, body?: unknown, method = 'GET', token = tokens.get(hub)): Promise<[number, Body]> {
  const answer = await ask(hub, `/api/v1/${path}`, token, body, method)
  const text = answer.text.slice(answer.text.indexOf('\n\n') + 2)
  return [answer.status, (text === '' ? {} : JSON.parse(text)) as Body]
}

async function peer(answer: Parameters<typeof startTlsPeer>[0]): Promise<TlsPeer> {
  const started = await startTlsPeer(answer)
  peers.push(started)
  return started
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-connections-'))
  lab = await startLabServer({ crds: hedgehogCrds({ expectedOnly: true }) })
  ;[strict, open] = await Promise.all([
    startHubProcess({ config: { destinations: { loopback: false } } }),
    startHubProcess({ config: { destinations: { loopback: true, insecure: true } } }),
  ])
  for (const hub of [strict, open]) tokens.set(hub, await newToken(hub))
})

afterAll(async () => {
  await Promise.all([strict?.close(), open?.close(), lab?.close(), ...peers.map((each) => each.close())])
  rmSync(folder, { recursive: true, force: true })
})

const kubeconfig = (server: string, user: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })

test('[SE10] a destination that is denied is denied in every spelling, and nobody hears from us', async () => {
  const listener = await peer((_request, response) => response.end('{}'))
  const { port } = new URL(listener.url)
  const hosts = ['127.0.0.1', 'localhost', 'LOCALHOST.', 'a.localhost', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '①②⑦.0.0.①']
  hosts.push('[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '0.0.0.0', '[::]')
  hosts.push('169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '127。0。0。1')
  for (const host of hosts) {
    const server = `https://${host}:${port}`
    const inputs = [
      { type: 'url', server, token: TOKEN },
      { type: 'kubeconfig', kubeconfig: kubeconfig(server, { token: TOKEN }) },
    ]
    for (const connection of inputs) {
      for (const [path, body] of [
        ['fabrics', { name: 'denied', connection }],
        ['fabrics/test-connection', { connection }],
      ] as const) {
        const [status, { code }] = await call(strict, path, body)
        expect([status, code], `${server} ${path}`).toEqual([422, 'DESTINATION_DENIED'])
      }
    }
  }
  expect(listener.connections).toBe(0)
  const connection = { type: 'url', server: listener.url, ca: listener.ca, token: TOKEN }
  expect((await call(open, 'fabrics/test-connection', { connection }))[0]).toBe(200)
  expect(listener.connections).toBeGreaterThan(0)
})

test('[SE11] a kubeconfig over the API runs no program and reads no file; the operator’s own does', async () => {
  const ran = join(folder, 'ran')
  const exec = {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', `touch ${ran}; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'`],
      interactiveMode: 'Never',
    },
  }
  const file = join(folder, 'exec.kubeconfig')
  writeFileSync(file, kubeconfig(lab.url, exec))
  const users = [exec, { 'auth-provider': { name: 'gcp', config: { 'cmd-path': 'sh' } } }, { tokenFile: file }, { 'client-key': file }]
  const inputs: object[] = users.map((user) => ({ type: 'kubeconfig', kubeconfig: kubeconfig(lab.url, user) }))
  inputs.push({ type: 'kubeconfig_file', path: file }, { type: 'in_cluster' })
  // Trust must not hang on a name: somebody may be called like the command line is in the audit log.
  const password = 'a long enough password'
  expect((await call(open, 'users', { name: 'cli', password, grants: [{ role: 'admin', scope: '*' }] }))[0]).toBe(201)
  const signedIn = await call(open, 'auth/login', { name: 'cli', password }, 'POST', undefined)
  const asCli = (signedIn[1] as unknown as { token: string }).token
  for (const token of [tokens.get(open), asCli]) {
    for (const connection of inputs) {
      for (const [path, body] of [
        ['fabrics', { name: 'program', connection, settings }],
        ['fabrics/test-connection', { connection }],
      ] as const) {
        const [status, { code }] = await call(open, path, body, 'POST', token)
        expect([status, code], `${path} ${JSON.stringify(connection)}`).toEqual([422, 'KUBECONFIG_FORBIDDEN'])
      }
    }
  }
  expect(existsSync(ran)).toBe(false)
  expect((await open.run('fabric', 'add', 'operated', '--kubeconfig-file', file)).status).toBe(0)
  await until('the plug-in of the operator has run', () => existsSync(ran))
  const [, operated] = await call(open, 'fabrics/1')
  expect((operated as unknown as { fabric: { origin: string } }).fabric.origin).toBe('configuration')
  const moved = { name: 'operated', connection: { type: 'url', server: lab.url, ca: lab.ca, token: 't' } }
  expect((await call(open, 'fabrics/1', moved, 'PUT', asCli))[0]).toBe(403)
  expect((await open.run('fabric', 'remove', 'operated')).status).toBe(0)
})

test('[SE12] a stored credential goes to no other peer: whoever changes address, CA or verification gives it again', async () => {
  const evil = await peer((_request, response) => response.writeHead(404).end('{}'))
  const token = lab.token('readonly')
  const known = { type: 'url', server: lab.url, ca: lab.ca }
  const [created, fabric] = await call(open, 'fabrics', { name: 'moved', connection: { ...known, token }, settings })
  expect(created).toBe(201)
  const path = `fabrics/${fabric.id}`
  const shown = async (): Promise<Body> => ((await call(open, path))[1] as unknown as { fabric: Body }).fabric
  await until('the fabric is connected', async () => (await shown()).status === 'connected')
  const changes: object[] = [
    { server: evil.url },
    { server: evil.url, ca: evil.ca },
    { ca: evil.ca },
    { insecure: true },
    { tls_server_name: 'localhost' },
    { server: lab.url.replace('127.0.0.1', 'localhost') },
  ]
  for (const change of changes) {
    const [status, { code }] = await call(open, path, { name: 'moved', connection: { ...known, ...change }, settings }, 'PUT')
    expect([status, code], JSON.stringify(change)).toEqual([422, 'CREDENTIAL_REQUIRED'])
  }
  // A proof takes nothing that is stored.
  await call(open, 'fabrics/test-connection', { connection: { type: 'url', server: evil.url, ca: evil.ca } })
  expect(evil.asked.length).toBeGreaterThan(0)
  expect(evil.credentials).toEqual([])
  // The same peer keeps it.
  expect((await call(open, path, { name: 'moved', description: 'renamed', connection: known, settings }, 'PUT'))[0]).toBe(200)
  await until('the fabric is connected again', async () => (await shown()).status === 'connected')
  expect((await shown()).connection).toMatchObject({ credential: 'token', server: lab.url })
  // Given again, it goes where the change says.
  const again = { type: 'url', server: evil.url, ca: evil.ca, token: TOKEN }
  expect((await call(open, path, { name: 'moved', connection: again, settings }, 'PUT'))[0]).toBe(200)
  await until('the new peer is asked', () => evil.credentials.length > 0)
  expect(new Set(evil.credentials)).toEqual(new Set([`Bearer ${TOKEN}`]))
  expect((await call(open, path, undefined, 'DELETE'))[0]).toBe(204)
})

test('[SE13] a redirect is not followed, and no credential goes where it points', async () => {
  const other = await peer((_request, response) => response.end('{}'))
  const redirecting = await peer((request, response) => response.writeHead(307, { location: `${other.url}${request.url}` }).end())
  const connection = { type: 'url', server: redirecting.url, ca: `${redirecting.ca}${other.ca}`, token: TOKEN }
  const [status, report] = await call(open, 'fabrics/test-connection', { connection })
  expect([status, report.ok]).toEqual([200, false])
  expect(redirecting.credentials.length).toBeGreaterThan(0)
  expect(other.connections).toBe(0)
  await call(open, 'fabrics/test-connection', { connection: { ...connection, server: other.url } })
  expect(other.credentials.length).toBeGreaterThan(0)
})

test('[SE14] hostile peers cost a bounded time and text, and the hub answers meanwhile', async () => {
  const drip = (response: { write(text: string): boolean; on(event: 'close', end: () => void): unknown }, text: string): void => {
    const timer = setInterval(() => response.write(text), 100)
    response.on('close', () => clearInterval(timer))
  }
  const hostile = {
    'an endless header': await peer((request) => {
      request.socket.write('HTTP/1.1 200 OK\r\nx: ')
      drip(request.socket, 'x'.repeat(8_192))
    }),
    'a body of ten bytes a second': await peer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      drip(response, ' ')
    }),
    'an error of 20 MB': await peer((_request, response) => response.writeHead(500).end(`\u001b[31m\u202e${'secret '.repeat(3_000_000)}`)),
    'a page': await peer((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<script>alert(1)</script>')),
    'an endless list': await peer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":[')
      const more = (): void => {
        while (!response.destroyed && response.write(`"${'x'.repeat(65_536)}",`));
      }
      response.on('drain', more)
      more()
    }),
  }
  const waits: number[] = []
  const ending = new AbortController()
  const watching = (async () => {
    while (!ending.signal.aborted) {
      const begun = performance.now()
      expect((await fetch(`${open.url}/healthz`)).status).toBe(200)
      waits.push(performance.now() - begun)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  const dripping = hostile['a body of ten bytes a second']
  const patient = httpsRequest(`${dripping.url}/version`, { ca: dripping.ca })
  let heard = 0
  patient.on('response', (response) => response.on('data', (chunk: Buffer) => (heard += chunk.length)))
  patient.on('error', () => undefined)
  patient.end()
  const prove = async ([name, { url, ca }]: [string, TlsPeer]): Promise<void> => {
    const begun = performance.now()
    const [status, report] = await call(open, 'fabrics/test-connection', { connection: { type: 'url', server: url, ca, token: TOKEN } })
    expect([status, report.ok], name).toEqual([200, false])
    expect(performance.now() - begun, name).toBeLessThan(25_000)
    expect(report.cause?.message.length, name).toBeLessThan(1_200)
    // eslint-disable-next-line no-control-regex -- finding control characters is the purpose
    expect(report.cause?.message, name).not.toMatch(/[\u0000-\u001f\u202e]/)
  }
  try {
    await Promise.all(Object.entries(hostile).map(prove))
  } finally {
    ending.abort()
    await watching
  }
  waits.sort((one, other) => one - other)
  expect(waits.length).toBeGreaterThan(20)
  expect(waits[Math.floor(waits.length * 0.95)]).toBeLessThan(500)
  // Without a deadline of its own a client of the same peer is still reading.
  const before = heard
  await until('the patient client still hears the peer', () => heard > before)
  patient.destroy()
}, 90_000)

test('[SE15] a key that others can read stops the start; a database without its key says so and serves the rest', async () => {
  const connection = { type: 'url', server: lab.url, ca: lab.ca, token: lab.token('readonly') }
  expect((await call(strict, 'fabrics', { name: 'away', connection: { ...connection, server: 'https://192.0.2.1' }, settings }))[0]).toBe(
    201,
  )
  const { dataDir } = strict
  await strict.kill('SIGTERM')
  const key = join(dataDir, 'secret.key')
  chmodSync(key, 0o644)
  await expect(startHubProcess({ dataDir })).rejects.toThrow(/mode 0600/)
  chmodSync(key, 0o600)
  const own = readFileSync(key, 'utf8')
  writeFileSync(key, own.split('').toReversed().join(''), { mode: 0o600 })
  const keyless = await startHubProcess({ dataDir })
  try {
    const token = tokens.get(strict)
    const cause = async (): Promise<string | undefined> =>
      ((await call(keyless, 'fabrics', undefined, 'GET', token))[1] as unknown as { fabrics: Body[] }).fabrics[0]?.cause?.code
    await until('the fabric says that its credential cannot be read', async () => (await cause()) === 'CREDENTIAL_UNREADABLE')
  } finally {
    await keyless.kill('SIGTERM')
  }
  writeFileSync(key, own, { mode: 0o600 })
  const keyed = await startHubProcess({ dataDir })
  try {
    const token = tokens.get(strict)
    const fabrics = (await call(keyed, 'fabrics', undefined, 'GET', token))[1] as unknown as { fabrics: Body[] }
    expect(fabrics.fabrics[0]?.cause?.code).not.toBe('CREDENTIAL_UNREADABLE')
  } finally {
    await keyed.kill('SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
  }
})
