import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemo, type Demo } from '../system/_demo.ts'
import { newToken, startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { ask } from './_collect.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const APP = join(ROOT, 'apps/binnacle/src')

/** What a file imports, re-exports, loads later or resolves. */
const IMPORT = /(?:from\s*|import\s*\(?\s*|resolve\(\s*|new URL\(\s*)['"]([^'"]+)['"]/g

const doors = new Map(
  ['packages', 'packages/sources'].flatMap((parent) =>
    readdirSync(join(ROOT, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'sources')
      .flatMap((entry) => {
        const folder = join(ROOT, parent, entry.name)
        const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
          name: string
          exports: Record<string, Record<string, string>>
        }
        return Object.entries(exports).map(([door, conditions]): [string, string] => [
          door === '.' ? name : `${name}${door.slice(1)}`,
          join(folder, conditions['@binnacle/source'] ?? ''),
        ])
      }),
  ),
)

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Every file of ours that can be reached from a file by imports. */
function reachable(start: string): string[] {
  const seen = new Set<string>()
  const todo = [start]
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (specifier.startsWith('.') && /\.tsx?$/.test(specifier)) todo.push(join(dirname(file), specifier))
      const door = doors.get(specifier)
      if (door !== undefined) todo.push(door)
    }
  }
  return [...seen].map((file) => relative(ROOT, file)).toSorted()
}

let demo: Demo
let hub: HubProcess
let token: string
let slow: { readonly closed: Promise<string> }[]

beforeAll(async () => {
  const port = await freePort()
  ;[demo, hub] = await Promise.all([
    startDemo('--life', 'still'),
    startHubProcess({
      port,
      config: { public_url: `http://127.0.0.1:${port}`, fabrics: [{ name: 'hidden-name', kubeconfig: '/nowhere' }] },
    }),
  ])
  slow = Array.from({ length: 20 }, slowHeaders)
  token = await newToken(hub)
})

afterAll(async () => {
  await Promise.all([demo?.close(), hub?.close()])
})

test('[SE40] nothing that serving needs reaches the lab, and no source of production holds a switch for faults', () => {
  const serving = reachable(join(APP, 'commands/serve.ts'))
  for (const part of [
    'packages/store/src',
    'packages/sources/kubernetes/src',
    'packages/delivery/src',
    'packages/api/src',
    'packages/hub/src',
  ])
    expect(
      serving.some((file) => file.startsWith(part)),
      part,
    ).toBe(true)
  expect(serving.filter((file) => file.startsWith('packages/lab/'))).toEqual([])
  // The demo is the one that reaches it.
  const shown = reachable(join(APP, 'commands/demo.ts'))
  expect(shown.filter((file) => file.startsWith('packages/lab/')).length).toBeGreaterThan(10)

  const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
  const outside = serving.filter((file) => !file.startsWith('apps/'))
  expect(outside.filter((file) => /process\.env|import\.meta\.env/.test(text(file)))).toEqual([])
  const SWITCH =
    /\b(inject|simulate|chaos)[A-Z_]?\w*\s*[(:=]|\bfault_?(switch|mode|rate)|(test|fake|debug)_?(mode|clock|hook)\b|NODE_ENV|VITEST/i
  expect(serving.filter((file) => SWITCH.test(text(file)))).toEqual([])
  // The pattern finds the switches of the lab, where they belong.
  expect(shown.some((file) => file.startsWith('packages/lab/') && SWITCH.test(text(file)))).toBe(true)
  const keys = text('apps/binnacle/src/config/keys.ts')
  expect(
    [...keys.matchAll(/key\(\s*'([^']+)'/g)].map(([, name]) => name).filter((name) => /fault|lab|test|clock|demo/i.test(name ?? '')),
  ).toEqual([])
})

test('[SE41] slow headers are ended, absurd limits refused, and parallel askers are all answered', async () => {
  for (const path of ['resources/vpcs?limit=1e9', 'resources/vpcs?limit=1000000000', 'resources/vpcs?limit=-1', 'events?limit=1e9'])
    expect((await ask(hub, `/api/v1/${path}`, token)).status, path).toBe(400)
  // Within the limit the same question is answered.
  expect((await ask(hub, '/api/v1/resources/vpcs?limit=1000', token)).status).toBe(200)
  const long = await fetch(`${hub.url}/api/v1/fabrics`, { headers: { 'x-long': 'x'.repeat(15_000), __proto__: 'x' } })
  expect(long.status).toBe(401)
  expect((await fetch(`${hub.url}/healthz`, { headers: { 'x-long': 'x'.repeat(20_000) } })).status).toBe(431)
  const storm = await Promise.all(Array.from({ length: 200 }, () => ask(hub, '/api/v1/fabrics', token)))
  expect(new Set(storm.map(({ status }) => status))).toEqual(new Set([200]))
  expect((await ask(hub, '/healthz')).status).toBe(200)
  // One that is slow but finishes in time is answered; those that never finish are ended.
  const patient = slowHeaders()
  setTimeout(() => patient.finish(), 1_500)
  expect((await patient.closed).split('\r\n', 1)[0]).toContain('200')
  for (const answer of await Promise.all(slow.map(({ closed }) => closed))) expect(answer.split('\r\n', 1)[0]).toMatch(/^$| 408 /)
}, 60_000)

/** A request whose headers come a byte at a time. */
function slowHeaders(): { finish(): void; readonly closed: Promise<string> } {
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('GET /healthz HTTP/1.1\r\nx-slow: ')
  const drip = setInterval(() => socket.writable && socket.write('x'), 500)
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('utf8')
    clearInterval(drip)
  })
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => {
      clearInterval(drip)
      resolve(answer)
    })
  })
  return {
    // Nothing may drip after the end of the headers: it would begin another request.
    finish: () => {
      clearInterval(drip)
      socket.write(`\r\nhost: 127.0.0.1:${new URL(hub.url).port}\r\nconnection: close\r\n\r\n`)
    },
    closed,
  }
}

test('[SE42] who has not signed in learns no name of a fabric', async () => {
  expect((await ask(hub, '/api/v1/fabrics', token)).text).toContain('hidden-name')
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/asyncapi.json', '/', '/metrics', '/api/v1/fabrics', '/nowhere'])
    expect((await ask(hub, path)).text, path).not.toContain('hidden-name')
  // Figures name fabrics. Where a public address leads here they are closed, on a machine of one's own they are open.
  expect((await ask(hub, '/metrics')).status).toBe(401)
  const open = await fetch(`${demo.url}/metrics`)
  expect(open.status).toBe(200)
  expect(await open.text()).toContain('fabric="harbor"')
})

test('[SE43] the demo listens on loopback only and answers no other host', async () => {
  const inodes = new Set((demo.process.pid === undefined ? [] : descendants(demo.process.pid)).flatMap((pid) => socketsOf(pid)))
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? '')),
  )
  // The console and the API servers of two fabrics.
  expect(listening.length).toBeGreaterThanOrEqual(3)
  const LOOPBACK = /^(0100007F|00000000000000000000000001000000):/
  expect(listening.filter((fields) => !LOOPBACK.test(fields[1] ?? '')).map((fields) => fields[1])).toEqual([])

  const { port } = new URL(demo.url)
  const asked = async (host: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`GET /api/v1/auth/me HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return answer.split('\r\n', 1)[0] ?? ''
  }
  for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '', `[::]:${port}`])
    expect(await asked(host), host).toMatch(/ (421|400|403) /)
  expect(await asked(`127.0.0.1:${port}`)).toContain(' 401 ')
  expect(await asked(`localhost:${port}`)).toContain(' 401 ')
})

/** A process and those it started. */
function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(descendants)]
}

/** The inodes of a process's sockets. */
function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      // Closed while we looked.
      return []
    }
  })
}

test('[SE44] the demo’s set-up link works once', async () => {
  const secret = demo.setupLink.split('#')[1]
  const claim = (name: string): Promise<Response> =>
    fetch(`${demo.url}/api/v1/auth/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret, name, password: 'a long enough password' }),
    })
  expect((await claim('first')).status).toBeLessThan(300)
  expect((await claim('second')).status).toBe(410)
})
