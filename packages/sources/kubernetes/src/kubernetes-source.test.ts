import { deepEqual } from 'node:assert/strict'
import { startLabServer, type LabServer, type LabServerOptions } from '@binnacle/lab'
import { afterEach, expect, test } from 'vitest'
import { clusterOfText } from './contract/cluster-under-test.ts'
import { SUITE_KINDS } from './contract/hedgehog-kinds.ts'
import { until, watch, type Watching } from './contract/source-cases.ts'
import { inspectConnection } from './connection/inspect-connection.ts'
import { openConnection } from './connection/open-connection.ts'
import { realClock } from './contract/real-clock.ts'
import type { Connection } from './connection/connection.ts'
import type { WantedKind } from './discovery/served-kind.ts'

const SERVER: WantedKind = { group: 'wiring.githedgehog.com', kind: 'Server', plural: 'servers', version: 'v1beta1', expected: true }
const SERVERS = 'servers.wiring.githedgehog.com'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function lab(options: LabServerOptions = {}): Promise<LabServer> {
  const server = await startLabServer(options)
  endings.push(() => server.close())
  return server
}

const open = (server: LabServer, account?: string): Promise<Connection> => {
  const { view, secret } = inspectConnection(
    { type: 'kubeconfig', kubeconfig: server.kubeconfig(account) },
    { trusted: true, allowInsecure: true, destinations: undefined },
  )
  return openConnection(view, secret, { clock: realClock, destinations: undefined })
}

function watched(server: LabServer, options: Parameters<typeof watch>[1] & { readonly account?: string } = {}): Watching {
  const watching = watch(() => open(server, options.account), { wanted: [SERVER], ...options })
  endings.push(() => watching.source.stop())
  return watching
}

const server = (name: string, spec: object = {}) => ({
  apiVersion: 'wiring.githedgehog.com/v1beta1',
  kind: 'Server',
  metadata: { name, namespace: 'default' },
  spec: { ...spec },
})

async function agrees(lab_: LabServer, watching: Watching): Promise<void> {
  const cluster = await clusterOfText(lab_.kubeconfig())
  try {
    await until(
      'what is kept equals the list',
      async () => watching.ledger.lines('Server').join('\n') === (await cluster.list(SERVER)).join('\n'),
    )
  } finally {
    await cluster.close()
  }
}

for (const form of ['status', 'event'] as const)
  test(`[KS16] a place that is too old (${form}) leads to a new listing, and what was deleted meanwhile is found`, async () => {
    const cluster = await lab()
    cluster.control.seed([server('kept'), server('gone')])
    const watching = watched(cluster)
    await watching.state('live')
    if (form === 'status') cluster.control.fault({ type: 'watch-expired-as-status' })
    const off = cluster.control.fault({ type: 'refuse', status: 503, resource: SERVERS, verbs: ['watch'] })
    cluster.control.endWatches({ resource: SERVERS })
    cluster.control.remove(SERVERS, 'default', 'gone')
    cluster.control.seed([server('late')])
    cluster.control.compact()
    await watching.state('retrying')
    off()
    await until('it was listed again', () => watching.status('Server').counters.listings === 2)
    await watching.state('live')
    await agrees(cluster, watching)
    expect(watching.status('Server').counters.expired).toBe(1)
    expect(['kept', 'gone', 'late'].map((name) => watching.ledger.changesOf(name))).toEqual([
      ['created'],
      ['created', 'deleted'],
      ['created'],
    ])
  })

test('[KS16] an ERROR event inside an open watch leads to a new listing without any false change', async () => {
  const cluster = await lab()
  cluster.control.seed([server('kept')])
  const watching = watched(cluster)
  await watching.state('live')
  cluster.control.expireWatches({ resource: SERVERS })
  await until('it was listed again', () => watching.status('Server').counters.listings === 2)
  await watching.state('live')
  expect(watching.ledger.changesOf('kept')).toEqual(['created'])
})

test('[KS17] a server that answers 429 with Retry-After is asked again when it said, and all kinds come back after a restart', async () => {
  const cluster = await lab()
  cluster.control.seed([server('one')])
  const watching = watched(cluster, { wanted: SUITE_KINDS })
  await watching.state('live')
  await cluster.control.restart({ refuseSeconds: 1, retryAfterSeconds: 1 })
  const begun = performance.now()
  await until('all kinds say that the server is busy', () =>
    watching.source.watches().every(({ state, cause }) => state === 'retrying' && cause?.code === 'CLUSTER_BUSY'),
  )
  await watching.state('live')
  expect(performance.now() - begun).toBeGreaterThan(900)
  expect(performance.now() - begun).toBeLessThan(5_000)
  await agrees(cluster, watching)
})

test('[KS18] objects that cannot be read are set aside visibly, and the kind stays live', async () => {
  const cluster = await lab()
  cluster.control.seed([server('good')])
  const watching = watched(cluster, { objectBytes: 100_000 })
  await watching.state('live')
  const event = (object: unknown): string => `${JSON.stringify({ type: 'ADDED', object })}\n`
  cluster.control.injectRaw('this is no JSON\n', { resource: SERVERS })
  cluster.control.injectRaw(event({ kind: 'Server' }), { resource: SERVERS })
  cluster.control.injectRaw(event({ ...server('no-uid') }), { resource: SERVERS })
  cluster.control.injectRaw(event({ ...server('other'), kind: 'Switch', metadata: { name: 'other', uid: 'u', resourceVersion: '5' } }), {
    resource: SERVERS,
  })
  cluster.control.injectRaw(
    event({ ...server('foreign'), apiVersion: 'wiring.githedgehog.com/v9', metadata: { name: 'foreign', uid: 'u', resourceVersion: '5' } }),
    { resource: SERVERS },
  )
  cluster.control.seed([server('huge', { description: 'x'.repeat(3_000_000) })])
  cluster.control.seed([server('after')])
  await until('the next good object arrives', () => watching.ledger.changesOf('after').length === 1)
  const status = watching.status('Server')
  expect([status.state, status.counters.quarantined, status.counters.listings]).toEqual(['live', 6, 1])
  const notes = watching.ledger.facts.flatMap((fact) =>
    fact.fact === 'note' && fact.event.event_type === 'cr_quarantined' ? [fact.event] : [],
  )
  expect(notes.map(({ subject, data }) => `${subject?.name} ${(data['cause'] as { code: string }).code}`)).toEqual([
    '(unreadable) OBJECT_MALFORMED',
    '(unreadable) OBJECT_MALFORMED',
    'no-uid OBJECT_MALFORMED',
    'other OBJECT_MALFORMED',
    'foreign OBJECT_MALFORMED',
    'huge OBJECT_TOO_LARGE',
  ])
})

for (const watchList of [true, false])
  test(`[KS18] an object that grew too large while nobody watched is not told as deleted (${watchList ? 'watch-list' : 'list'})`, async () => {
    const cluster = await lab()
    cluster.control.seed([server('a'), server('grows')])
    const first = watched(cluster, { watchList, objectBytes: 100_000 })
    await first.state('live')
    await first.source.stop()
    cluster.control.remove(SERVERS, 'default', 'a')
    cluster.control.seed([server('grows', { description: 'x'.repeat(200_000) })])
    const second = watched(cluster, { watchList, objectBytes: 100_000, ledger: first.ledger })
    await second.state('live')
    expect(['a', 'grows'].map((name) => first.ledger.changesOf(name))).toEqual([['created', 'deleted'], ['created']])
  })

for (const watchList of [true, false])
  test(`[KS18] a listing sets aside what it cannot read and lists the rest (${watchList ? 'watch-list' : 'list'})`, async () => {
    const cluster = await lab()
    cluster.control.seed([server('a'), server('huge'), server('z')])
    cluster.control.inflate(SERVERS, 'default', 'huge', 3_000_000)
    const watching = watched(cluster, { watchList, objectBytes: 100_000 })
    await watching.state('live')
    expect(watching.ledger.lines('Server').map((line) => line.split(' ')[0])).toEqual(['default/a', 'default/z'])
    expect(watching.status('Server').counters.quarantined).toBe(1)
  })

test('[KS19] a kind that the account may not read is forbidden; the others are live', async () => {
  const cluster = await lab()
  const watching = watched(cluster, { wanted: SUITE_KINDS, account: 'denied' })
  await watching.state('forbidden', 'VPC')
  await until('the others are live', () => watching.source.watches().every(({ kind, state }) => kind === 'VPC' || state === 'live'))
  expect(watching.status('VPC').cause).toMatchObject({ code: 'CLUSTER_FORBIDDEN', remedy: expect.stringContaining('Grant') as string })
})

test('[KS20] an expired token is shown within a second; with a new one the kinds come back by themselves', async () => {
  const cluster = await lab()
  const watching = watched(cluster)
  await watching.state('live')
  cluster.control.expireTokens('admin')
  cluster.control.endWatches()
  await until('it is unauthorized', () => watching.status('Server').state === 'unauthorized', 1_000)
  cluster.control.rotateToken('admin')
  await watching.state('live')
})

test('[KS21] a kind whose CRD is removed is not served; installed again it is watched again', async () => {
  const cluster = await lab()
  cluster.control.seed([server('one')])
  const client = await open(cluster)
  const crd = await client.json(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${SERVERS}`)
  await client.close()
  const watching = watched(cluster)
  await watching.state('live')
  cluster.control.unserve(SERVERS)
  await until('it is not served', () => watching.status('Server').state === 'not_served', 2_000)
  const { metadata, ...rest } = crd as { metadata: { name: string } }
  cluster.control.serve({ ...rest, metadata: { name: metadata.name } })
  await watching.state('live')
  cluster.control.seed([server('two')])
  await until('objects arrive', () => watching.ledger.changesOf('two').length === 1)
})

test('[KS22] what the boundary throws is counted and ends nothing', async () => {
  const cluster = await lab()
  cluster.control.seed([server('good'), server('bad')])
  const watching = watched(cluster, {
    cut: (object) => {
      if ((object['metadata'] as { name: string }).name === 'bad') throw new TypeError('a fault of ours')
      return object
    },
  })
  await watching.state('live')
  cluster.control.seed([server('later')])
  await until('the next object arrives', () => watching.ledger.changesOf('later').length === 1)
  expect(watching.status('Server')).toMatchObject({ state: 'live', objects: 2, counters: { handler_errors: 1, quarantined: 1 } })
  expect(watching.logged.join()).toContain('a fault of ours')
})

test('[KS23] a watch-list is used where the server has it, else a list; which one is shown', async () => {
  for (const [mode, method] of [
    ['1.20', 'list'],
    ['1.27', 'list'],
    ['1.32', 'watch_list'],
  ] as const) {
    const cluster = await lab({ mode })
    cluster.control.seed([server('one')])
    const watching = watched(cluster)
    await watching.state('live')
    deepEqual([watching.status('Server').method, watching.status('Server').counters.listings], [method, 1])
  }
})

test('[KS24] an extra resource is found by plural and group, and watched', async () => {
  const cluster = await lab()
  cluster.control.seed([server('one')])
  const watching = watched(cluster, { wanted: [], extraResources: [{ group: SERVER.group, plural: 'servers' }] })
  await until('it is live', () =>
    watching.source.watches().some(({ kind, state, expected }) => kind === 'Server' && state === 'live' && !expected),
  )
  expect(watching.ledger.changesOf('one')).toEqual(['created'])
})

test('[KS25] a watch that stalls silently is stale within its deadline, by the server’s own silence too', async () => {
  const cluster = await lab({ watch: { bookmarkMs: 200 } })
  cluster.control.seed([server('one')])
  const watching = watched(cluster, { stallDeadlineMs: 1_000 })
  await watching.state('live')
  await until('bookmarks prove it', () => watching.status('Server').counters.bookmarks >= 10)
  expect(watching.states).toEqual(['Server: connecting > listing', 'Server: listing > live'])
  cluster.control.fault({ type: 'stall' })
  await until('it is stale', () => watching.states.includes('Server: live > stale'), 2_500)
  cluster.control.clearFaults()
  await watching.state('live')
  await agrees(cluster, watching)
})

test('[KS40] each complete listing is told once, after its objects: the first ever, after an expiry, after our own restart', async () => {
  const cluster = await lab()
  cluster.control.seed([server('one'), server('two')])
  const watching = watched(cluster)
  await watching.state('live')
  const told = () =>
    watching.ledger.facts.flatMap((fact) => (fact.fact === 'note' && fact.event.event_type === 'sync_completed' ? [fact.event] : []))
  expect(told()).toMatchObject([
    {
      subject: { kind: 'Server', name: 'servers' },
      data: {
        kind: 'cluster',
        resource: 'Server',
        reason: 'start',
        first: true,
        objects: 2,
        differences: 0,
        ms: expect.any(Number) as number,
      },
    },
  ])
  expect(watching.ledger.facts.at(-1)?.fact).toBe('note')
  cluster.control.expireWatches({ resource: SERVERS })
  await until('it was listed again', () => told().length === 2)
  expect(told()[1]?.data).toMatchObject({ reason: 'expired', first: false, objects: 2, differences: 0 })
  await watching.state('live')
  const [relisted] = await watching.source.relist()
  expect(relisted).toMatchObject({ objects: 2, differences: 0 })
  expect(told()).toHaveLength(2)
  await watching.source.stop()
  cluster.control.remove(SERVERS, 'default', 'one')
  cluster.control.seed([server('three')])
  const again = watched(cluster, { ledger: watching.ledger })
  await again.state('live')
  expect(told()[2]?.data).toMatchObject({ reason: 'start', first: false, objects: 2, differences: 2 })
})
