import { hedgehogCrds, startLabServer, type LabFabric, type LabServer } from '@binnacle/lab'
import { PROTOCOL_VERSION } from '@binnacle/protocol'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/_until.ts'
import { newToken, startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { ask } from './_collect.ts'
import { startProbedHub, type ProbedHub } from './_prototype-probe.ts'

type LabObject = LabFabric['objects'][number]
interface Watch {
  readonly kind: string
  readonly state: string
  readonly objects: number | null
  readonly counters: { readonly quarantined: number }
}

const SERVERS = 'servers.wiring.githedgehog.com'
/** Keys by which a careless merge reaches the prototype of all objects. */
const POLLUTION = '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}'
const CLEAN = '({}).polluted === undefined && Object.keys(Object.prototype).length === 0'
/** Half a million steps per letter more: V8 needs longer than a test for the text below. */
const SLOW_PATTERN = '^(a+)+$'
const SLOW_TEXT = `${'a'.repeat(40)}!`

/** A kind of the configuration whose CRD is an attack on whoever compiles or merges it. */
const TRAP_CRD = JSON.parse(`{
  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "traps.lab.example"},
  "spec": {"group": "lab.example", "scope": "Namespaced",
    "names": {"kind": "Trap", "listKind": "TrapList", "plural": "traps", "singular": "trap"},
    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
      "type": "object", "x-kubernetes-preserve-unknown-fields": true,
      "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
        "slow": {"type": "string", "pattern": "${SLOW_PATTERN}"},
        "remote": {"$ref": "http://127.0.0.1:1/schema.json"},
        "__proto__": {"type": "object", "properties": {"polluted": {"type": "string"}}}}}}}}}]}}`) as LabObject

const server = (name: string, spec: object = {}, metadata: object = {}): LabObject =>
  ({ apiVersion: 'wiring.githedgehog.com/v1beta1', kind: 'Server', metadata: { name, ...metadata }, spec }) as LabObject

let folder: string
let lab: LabServer
let probed: ProbedHub
let hub: HubProcess
let token: string
let config: Record<string, unknown>

const json = async <T>(path: string, from: HubProcess = hub): Promise<T> => {
  const { status, text } = await ask(from, `/api/v1/${path}`, token)
  expect(status, path).toBe(200)
  return JSON.parse(text.slice(text.indexOf('\n\n') + 2)) as T
}
const watchOf = async (kind: string, from: HubProcess = hub): Promise<Watch | undefined> =>
  (await json<{ watches: Watch[] }>('fabrics/1/watches', from)).watches.find((watch) => watch.kind === kind)
const live = (kind: string, from: HubProcess = hub): Promise<unknown> =>
  until(`${kind} is live`, async () => (await watchOf(kind, from))?.state === 'live', 30_000)
const arrived = (name: string, from: HubProcess = hub): Promise<unknown> =>
  until(`${name} arrives`, async () => (await ask(from, `/api/v1/fabrics/1/resources/servers/${name}`, token)).status === 200)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-cluster-data-'))
  lab = await startLabServer({ crds: [...hedgehogCrds({ expectedOnly: true }), TRAP_CRD] })
  lab.control.seed([
    JSON.parse(
      `{"apiVersion":"lab.example/v1","kind":"Trap","metadata":{"name":"trap","labels":{"__proto__":"yes","constructor":"yes"}},
      "spec":{"slow":"${SLOW_TEXT}",${POLLUTION}},${POLLUTION}}`,
    ) as LabObject,
    JSON.parse(
      `{"apiVersion":"wiring.githedgehog.com/v1beta1","kind":"Server","metadata":{"name":"polluting","annotations":{"__proto__":"yes"}},"spec":{${POLLUTION}}}`,
    ) as LabObject,
    server('good'),
  ])
  const kubeconfig = join(folder, 'harbor.kubeconfig')
  writeFileSync(kubeconfig, lab.kubeconfig('readonly'), { mode: 0o600 })
  config = {
    fabrics: [{ id: 1, name: 'harbor', kubeconfig, settings: { extra_resources: [{ group: 'lab.example', plural: 'traps' }] } }],
  }
  probed = await startProbedHub({ config })
  hub = probed.hub
  token = await newToken(hub)
})

afterAll(async () => {
  await hub?.close()
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('[SE20] a CRD with a slow pattern, a remote reference and a property __proto__ harms nobody: its kind is watched like the others', async () => {
  await live('Trap')
  await live('Server')
  const begun = performance.now()
  const { actual } = await json<{ actual: { spec: Record<string, unknown> } }>('fabrics/1/resources/traps.lab.example/trap')
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(actual.spec['slow']).toBe(SLOW_TEXT)
  // Whoever runs the pattern pays for each letter twice as much as for the one before.
  const cost = (letters: number): number => {
    const start = performance.now()
    new RegExp(SLOW_PATTERN).test(`${'a'.repeat(letters)}!`)
    return performance.now() - start
  }
  cost(10)
  expect(cost(24)).toBeGreaterThan(cost(14) * 20)
})

test('[SE21] keys that reach for the prototype stay data on every way in', async () => {
  const listed = JSON.stringify(await json('fabrics/1/resources/servers/polluting'))
  expect(listed).toContain('"polluted":"yes"')
  await json('fabrics/1/resources/servers/polluting/history')
  await json('resources/servers?fabric=1&q=__proto__')
  for (const [path, body] of [
    ['fabrics', `{"name":"p",${POLLUTION},"connection":{"type":"url","server":"https://192.0.2.1",${POLLUTION}}}`],
    ['users', `{"name":"p","grants":[{"role":"admin","scope":"*",${POLLUTION}}],${POLLUTION}}`],
    ['tokens', `{"name":"p","grants":[],${POLLUTION}}`],
  ] as const) {
    const answer = await fetch(`${hub.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    })
    expect(answer.status, path).toBeGreaterThanOrEqual(400)
    expect(answer.status, path).toBeLessThan(500)
  }
  for (const query of ['__proto__[polluted]=yes', 'constructor.prototype.polluted=yes', '__proto__=yes'])
    expect((await ask(hub, `/api/v1/resources/servers?${query}`, token)).status, query).toBe(400)
  expect((await ask(hub, '/api/v1/resources/__proto__', token)).status).toBeGreaterThanOrEqual(400)
  const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/api/v1/ws`)
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION, token }))
  socket.send(`{"type":"subscribe","id":"__proto__","filter":{"kinds":["__proto__","constructor"]}}`)
  socket.send(`{"type":"subscribe","id":"p","filter":{${POLLUTION}},${POLLUTION}}`)
  await once(socket, 'close').catch(() => undefined)
  expect(await probed.evaluate(CLEAN)).toBe(true)
  // The question would see it.
  await probed.evaluate('Object.prototype.polluted = "yes"')
  expect(await probed.evaluate(CLEAN)).toBe(false)
  await probed.evaluate('delete Object.prototype.polluted')
})

test('[SE21] a configuration that reaches for the prototype is refused', async () => {
  const polluted = JSON.parse(`{${POLLUTION},"log":{"level":"info","__proto__":{"polluted":"yes"}}}`) as Record<string, unknown>
  const refused = startHubProcess({ dataDir: folder, config: polluted })
  await expect(refused).rejects.toThrow(/unknown key '__proto__'[\s\S]*unknown key 'constructor'[\s\S]*unknown key 'log\.__proto__'/)
  process.env['BINNACLE___PROTO___POLLUTED'] = 'yes'
  try {
    const { status, stderr } = await hub.run('config')
    expect(status).toBe(1)
    expect(stderr).toContain('unknown environment variable BINNACLE___PROTO___POLLUTED')
  } finally {
    delete process.env['BINNACLE___PROTO___POLLUTED']
  }
})

test('[SE22] objects that cannot be read are set aside and told, the kind stays live, also after a restart', async () => {
  const before = (await watchOf('Server'))?.counters.quarantined ?? 0
  const line = (object: unknown): string => `${JSON.stringify({ type: 'ADDED', object })}\n`
  const broken = [
    'this is no JSON\n',
    '[]\n',
    line(null),
    line({ kind: 'Server', spec: {} }),
    line(server('no-identity')),
    line({ ...server('other-kind'), kind: 'Switch', metadata: { name: 'other-kind', uid: 'u1', resourceVersion: '5' } }),
    line({ ...server('odd'), metadata: { name: { __proto__: null }, uid: 7, resourceVersion: [] } }),
    `{"type":"ADDED","object":"${'x'.repeat(5_000_000)}"}\n`,
  ]
  for (const text of broken) lab.control.injectRaw(text, { resource: SERVERS })
  lab.control.seed([
    server('odd-annotations', {}, { annotations: 'no map', labels: ['no', 'map'] }),
    server('odd-values', { description: { not: 'a text' } }, { annotations: { number: 1, nothing: null, deep: { er: [] } } }),
    server('huge', { description: 'x'.repeat(3_000_000) }),
    server('good', { description: 'another one' }, { uid: 'another-uid' }),
    server('after'),
  ])
  await arrived('after')
  const status = await watchOf('Server')
  expect(status?.state).toBe('live')
  expect(status?.counters.quarantined).toBeGreaterThanOrEqual(before + broken.length)
  const events = (
    await json<{ events: { event_type: string; subject: { name: string; uid?: string } }[] }>('events?limit=1000&kinds=Server')
  ).events
  const told = events.map(({ event_type, subject }) => `${event_type} ${subject.name}`)
  expect(told).toEqual(expect.arrayContaining(['cr_quarantined huge', 'cr_deleted good', 'cr_created good', 'cr_created after']))
  // Whoever takes lines as they come falls over each of them.
  const naive = (text: string): string => (JSON.parse(text) as { object: LabObject }).object.metadata.name?.toLowerCase() ?? ''
  for (const text of broken.filter((each) => !/no-identity|other-kind/.test(each))) expect(() => naive(text), text.slice(0, 80)).toThrow()

  const { dataDir } = hub
  await hub.kill('SIGKILL')
  const again = await startHubProcess({ dataDir, config })
  try {
    await live('Server', again)
    await arrived('after', again)
    expect((await ask(again, '/api/v1/fabrics/1/resources/servers/huge', token)).status).toBe(404)
  } finally {
    await again.kill('SIGTERM')
  }
  // With a wider limit it is taken in: the limit is what kept it out.
  const wide = await startHubProcess({ dataDir, config: { ...config, limits: { object_bytes: 8_388_608 } } })
  try {
    await arrived('huge', wide)
  } finally {
    await wide.kill('SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
  }
}, 60_000)
