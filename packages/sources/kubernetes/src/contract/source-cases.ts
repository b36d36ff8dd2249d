import { ok, deepEqual, equal, notEqual } from 'node:assert/strict'
import { errorCodeOf, type WatchState, type WatchStatus } from '@binnacle/protocol'
import type { Connection } from '../connection/connection.ts'
import type { WantedKind } from '../discovery/served-kind.ts'
import { createKubernetesSource, type KubernetesSource } from '../kubernetes-source.ts'
import { testConnection } from '../test-connection.ts'
import { openByteProxy, type ByteProxy } from './byte-proxy.ts'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { FactLedger } from './fact-ledger.ts'
import { SUITE_KINDS } from './hedgehog-kinds.ts'
import { realClock } from './real-clock.ts'

/** One case of the suite. `writes`: it creates objects with names of its own and removes them. */
export interface SourceCase {
  readonly title: string
  readonly writes: boolean
  readonly run: (cluster: ClusterUnderTest) => Promise<void>
}

/** Every condition of the suite must come true within this time; real servers may be slow. */
const PATIENCE_MS = 20_000
const STALL_MS = 90_000
/** Plain custom resources, without side effects in a fabric. */
const SERVER: WantedKind = SUITE_KINDS.find(({ kind }) => kind === 'Server') ?? (SUITE_KINDS[0] as WantedKind)

/** Waits until a condition holds; `what` is in the error when it does not in time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const end = realClock.monotonic() + patienceMs
  while (!(await holds())) {
    if (realClock.monotonic() > end) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A source of the suite with what it told. */
export interface Watching {
  readonly source: KubernetesSource
  readonly ledger: FactLedger
  /** State changes, `kind: before > after`. */
  readonly states: string[]
  readonly logged: string[]
  status(kind: string): WatchStatus
  /** Resolves when every kind, or the named one, is in a state. */
  state(state: WatchState, kind?: string): Promise<void>
}

/** Starts a source over a connection. Stop it with `source.stop()`. */
export function watch(
  connect: () => Promise<Connection>,
  options: {
    readonly wanted?: readonly WantedKind[]
    readonly ledger?: FactLedger
    readonly watchList?: boolean
    readonly stallDeadlineMs?: number
    readonly objectBytes?: number
    readonly cut?: (object: Record<string, unknown>) => object
    readonly extraResources?: readonly { group: string; plural: string }[]
  } = {},
): Watching {
  const ledger = options.ledger ?? new FactLedger()
  const states: string[] = []
  const logged: string[] = []
  const source = createKubernetesSource({
    scope: 'fabric/1',
    connect,
    wanted: options.wanted ?? SUITE_KINDS,
    ...(options.watchList === undefined ? {} : { watchList: options.watchList }),
    ...(options.extraResources === undefined ? {} : { extraResources: options.extraResources }),
    cut: (_kind, _group, object) => ({ document: options.cut?.(object) ?? structuredClone(object) }),
    sink: ledger,
    observer: { watchChanged: (status, before) => states.push(`${status.kind}: ${before} > ${status.state}`), volatile: () => undefined },
    clock: realClock,
    random: Math.random,
    log: {
      info: () => undefined,
      warn: (fields) => logged.push(JSON.stringify(fields)),
      error: (fields) => logged.push(JSON.stringify(fields)),
    },
    stallDeadlineMs: options.stallDeadlineMs ?? STALL_MS,
    limits: { objectBytes: options.objectBytes ?? 1_500_000 },
  })
  const status = (kind: string): WatchStatus => {
    const found = source.watches().find((each) => each.kind === kind)
    if (found === undefined) throw new Error(`${kind} is not watched`)
    return found
  }
  source.start()
  return {
    source,
    ledger,
    states,
    logged,
    status,
    state: (state, kind) =>
      until(
        `${kind ?? 'every kind'} is ${state} (${source
          .watches()
          .map((each) => `${each.kind} ${each.state} ${each.cause?.message ?? ''}`)
          .join('; ')})`,
        () => source.watches().every((each) => (kind !== undefined && each.kind !== kind) || each.state === state),
      ),
  }
}

const inWatch = async (watching: Watching, run: () => Promise<void>): Promise<void> => {
  try {
    await run()
  } finally {
    await watching.source.stop()
  }
}

const agrees = (cluster: ClusterUnderTest, ledger: FactLedger, kind: WantedKind): Promise<void> =>
  until(
    `what is kept of ${kind.plural} equals the server's list`,
    async () => ledger.lines(kind.kind).join('\n') === (await cluster.list(kind)).join('\n'),
  )

let made = 0
/** A name that no other run uses. */
const fresh = (): string => `binnacle-suite-${process.pid.toString(36)}-${Date.now().toString(36)}-${(made += 1)}`
const serverObject = (name: string, description: string): Record<string, unknown> => ({ metadata: { name }, spec: { description } })

/** Runs with objects of its own; whatever happens, they are removed. */
async function withObjects(cluster: ClusterUnderTest, count: number, run: (names: readonly string[]) => Promise<void>): Promise<void> {
  const names = Array.from({ length: count }, fresh)
  try {
    await run(names)
  } finally {
    // Some were removed by the case itself.
    for (const name of names) await cluster.remove(SERVER, name).catch(() => undefined)
  }
}

async function throughProxy(cluster: ClusterUnderTest, run: (proxy: ByteProxy) => Promise<void>): Promise<void> {
  const port = cluster.server.port === '' ? 443 : Number(cluster.server.port)
  const proxy = await openByteProxy(cluster.server.hostname.replace(/^\[|\]$/g, ''), port)
  try {
    await run(proxy)
  } finally {
    await proxy.close()
  }
}

const listsAll = (watchList: boolean | undefined) => async (cluster: ClusterUnderTest) => {
  const watching = watch(() => cluster.open(), watchList === undefined ? {} : { watchList })
  await inWatch(watching, async () => {
    await watching.state('live')
    let objects = 0
    for (const kind of SUITE_KINDS) {
      await agrees(cluster, watching.ledger, kind)
      equal(watching.status(kind.kind).objects, watching.ledger.lines(kind.kind).length)
      objects += watching.ledger.lines(kind.kind).length
    }
    ok(objects > 0, 'the server has no object of any kind: nothing was proven')
    ok(!watching.ledger.facts.some((fact) => fact.fact === 'put' && /"managedFields"|"resourceVersion"/.test(fact.document)))
    const bad = watching.states.filter((each) => !/> (listing|live)$/.test(each))
    deepEqual(bad, [], 'a run without faults shows no degraded state')
  })
}

const survives = (how: (proxy: ByteProxy) => Promise<void>) => (cluster: ClusterUnderTest) =>
  withObjects(cluster, 3, ([kept = '', gone = '', late = '']) =>
    throughProxy(cluster, async (proxy) => {
      await cluster.create(SERVER, serverObject(kept, 'before'))
      await cluster.create(SERVER, serverObject(gone, 'before'))
      const watching = watch(() => cluster.open(proxy.port), { wanted: [SERVER] })
      await inWatch(watching, async () => {
        await watching.state('live')
        await until('both objects are kept', () => watching.ledger.changesOf(gone).length === 1)
        const { listings } = watching.status('Server').counters
        await how(proxy)
        await cluster.patch(SERVER, kept, { spec: { description: 'after' } })
        await cluster.remove(SERVER, gone)
        await cluster.create(SERVER, serverObject(late, 'after'))
        await proxy.refuse(false)
        proxy.hold(false)
        await agrees(cluster, watching.ledger, SERVER)
        await watching.state('live')
        deepEqual(
          [kept, gone, late].map((name) => watching.ledger.changesOf(name)),
          [['created', 'updated'], ['created', 'deleted'], ['created']],
        )
        equal(watching.status('Server').counters.listings, listings, 'it went on from its place without listing again')
      })
    }),
  )

const refusedAs = (
  title: string,
  state: WatchState,
  code: string,
  open: (cluster: ClusterUnderTest) => Promise<Connection>,
): SourceCase => ({
  title,
  writes: false,
  run: async (cluster) => {
    const watching = watch(() => open(cluster), { wanted: [SERVER] })
    await inWatch(watching, async () => {
      await watching.state(state)
      equal(watching.status('Server').cause?.code, code)
      notEqual(watching.status('Server').cause?.remedy, '')
      equal(watching.ledger.facts.length, 0)
      equal(watching.status('Server').objects, null, 'what was never listed has no number')
    })
  },
})

/** The suite: what any API server that serves the Hedgehog kinds must let a source do. */
export const SOURCE_CASES: readonly SourceCase[] = [
  { title: '[KS1] every kind is listed and live, equal to the server’s own list', writes: false, run: listsAll(undefined) },
  { title: '[KS2] the same by plain list and watch', writes: false, run: listsAll(false) },
  {
    title: '[KS3] a connection is proven per kind: list, watch, latency',
    writes: false,
    run: async (cluster) => {
      const connection = await cluster.open()
      try {
        const report = await testConnection(connection, SUITE_KINDS, { clock: realClock })
        deepEqual(
          report.kinds.filter(({ list, watch: proof }) => !list.ok || !proof.ok),
          [],
        )
        equal(report.ok, true)
        ok(report.server_version !== null && report.server_version !== '')
        for (const { kind, list } of report.kinds) {
          const wanted = SUITE_KINDS.find((each) => each.kind === kind)
          if (wanted !== undefined) equal(list.objects, (await cluster.list(wanted)).length)
        }
      } finally {
        await connection.close()
      }
    },
  },
  {
    title: '[KS4] a kind that is not served, and one of another version, are loud states; the others go on',
    writes: false,
    run: async (cluster) => {
      const wanted = [
        SERVER,
        { ...SERVER, kind: 'Nothing', plural: 'nothings' },
        { ...SERVER, kind: 'Elsewhere', plural: 'switches', version: 'v9' },
      ]
      const watching = watch(() => cluster.open(), { wanted })
      await inWatch(watching, async () => {
        await watching.state('live', 'Server')
        await watching.state('not_served', 'Nothing')
        await watching.state('not_served', 'Elsewhere')
        equal(watching.status('Nothing').cause?.code, 'KIND_NOT_SERVED')
        equal(watching.status('Elsewhere').cause?.code, 'KIND_OTHER_VERSION')
      })
    },
  },
  refusedAs('[KS5] a token that is not accepted is shown as unauthorized', 'unauthorized', 'CLUSTER_UNAUTHORIZED', (cluster) =>
    cluster.openWith({}, { token: 'not-a-token-of-this-server' }),
  ),
  refusedAs('[KS6] a certificate that no given CA signed is not accepted', 'unreachable', 'CLUSTER_TLS', (cluster) =>
    cluster.openWith({ ca: null, insecure: false }),
  ),
  refusedAs('[KS7] a port where nobody listens is shown as unreachable', 'unreachable', 'CLUSTER_UNREACHABLE', (cluster) =>
    cluster.openWith({ server: 'https://127.0.0.1:1' }),
  ),
  {
    title: '[KS8] "Sync from cluster" lists every kind anew and goes on watching',
    writes: false,
    run: async (cluster) => {
      const watching = watch(() => cluster.open())
      await inWatch(watching, async () => {
        await watching.state('live')
        const changes = watching.ledger.changes.length
        const results = await watching.source.relist()
        deepEqual(
          results.filter(({ cause }) => cause !== null),
          [],
        )
        equal(results.length, SUITE_KINDS.length)
        for (const { kind, objects, digest, differences } of results) {
          equal(differences, 0)
          equal(objects, watching.ledger.lines(kind).length)
          ok(digest !== null && /^[0-9a-f]{64}$/.test(digest))
        }
        await watching.state('live')
        equal(watching.ledger.changes.length, changes, 'a list without differences changes nothing')
      })
    },
  },
  {
    title: '[KS9] created, changed and deleted objects are told in order, each version once',
    writes: true,
    run: (cluster) =>
      withObjects(cluster, 1, async ([name = '']) => {
        const watching = watch(() => cluster.open(), { wanted: [SERVER] })
        await inWatch(watching, async () => {
          await watching.state('live')
          await cluster.create(SERVER, serverObject(name, 'one'))
          for (const description of ['two', 'three']) await cluster.patch(SERVER, name, { spec: { description } })
          await cluster.remove(SERVER, name)
          await until('the deletion is seen', () => watching.ledger.changesOf(name).includes('deleted'))
          deepEqual(watching.ledger.changesOf(name), ['created', 'updated', 'updated', 'deleted'])
          await agrees(cluster, watching.ledger, SERVER)
        })
      }),
  },
  {
    title: '[KS10] an object deleted and made again is two objects',
    writes: true,
    run: (cluster) =>
      withObjects(cluster, 1, async ([name = '']) => {
        const ledger = new FactLedger()
        await cluster.create(SERVER, serverObject(name, 'one'))
        const first = watch(() => cluster.open(), { wanted: [SERVER], ledger })
        await inWatch(first, () => first.state('live'))
        await cluster.remove(SERVER, name)
        await cluster.create(SERVER, serverObject(name, 'one'))
        const second = watch(() => cluster.open(), { wanted: [SERVER], ledger })
        await inWatch(second, async () => {
          await second.state('live')
          deepEqual(ledger.changesOf(name), ['created', 'deleted', 'created'])
        })
      }),
  },
  {
    title: '[KS11] what happened while nobody watched is found by the next listing, deletions too',
    writes: true,
    run: (cluster) =>
      withObjects(cluster, 3, async ([kept = '', gone = '', late = '']) => {
        const ledger = new FactLedger()
        await cluster.create(SERVER, serverObject(kept, 'before'))
        await cluster.create(SERVER, serverObject(gone, 'before'))
        const first = watch(() => cluster.open(), { wanted: [SERVER], ledger })
        await inWatch(first, () => first.state('live'))
        await cluster.patch(SERVER, kept, { spec: { description: 'after' } })
        await cluster.remove(SERVER, gone)
        await cluster.create(SERVER, serverObject(late, 'after'))
        const second = watch(() => cluster.open(), { wanted: [SERVER], ledger })
        await inWatch(second, async () => {
          await second.state('live')
          deepEqual(
            [kept, gone, late].map((name) => ledger.changesOf(name)),
            [['created', 'updated'], ['created', 'deleted'], ['created']],
          )
          await agrees(cluster, ledger, SERVER)
        })
      }),
  },
  { title: '[KS12] after a reset it goes on from its place', writes: true, run: survives((proxy) => Promise.resolve(proxy.cut('reset'))) },
  {
    title: '[KS12] after an end of the connection in order it goes on from its place',
    writes: true,
    run: survives((proxy) => Promise.resolve(proxy.cut('fin'))),
  },
  {
    title: '[KS12] after a time of refused connections it goes on from its place',
    writes: true,
    run: survives((proxy) => proxy.refuse(true)),
  },
  {
    title: '[KS13] a silent connection is stale after its deadline, and proven again by a complete listing',
    writes: false,
    run: (cluster) =>
      throughProxy(cluster, async (proxy) => {
        const watching = watch(() => cluster.open(proxy.port), { wanted: [SERVER], stallDeadlineMs: 1_500 })
        await inWatch(watching, async () => {
          await watching.state('live')
          proxy.hold(true)
          await until('it is stale', () => watching.states.includes('Server: live > stale'), 4_000)
          // What was held is lost: new connections are needed, as after a real partition.
          proxy.cut('reset')
          proxy.hold(false)
          await watching.state('live')
          await agrees(cluster, watching.ledger, SERVER)
        })
      }),
  },
  {
    title: '[KS14] after stop no connection is left',
    writes: false,
    run: (cluster) =>
      throughProxy(cluster, async (proxy) => {
        const watching = watch(() => cluster.open(proxy.port))
        await inWatch(watching, () => watching.state('live'))
        await until('no connection is open', () => proxy.open() === 0, 2_000)
      }),
  },
  {
    title: '[KS15] while the store refuses facts the state says so; afterwards everything is there',
    writes: true,
    run: (cluster) =>
      withObjects(cluster, 1, async ([name = '']) => {
        const watching = watch(() => cluster.open(), { wanted: [SERVER] })
        await inWatch(watching, async () => {
          await watching.state('live')
          watching.ledger.failure = Object.assign(new Error('disk full'), { code: 'STORE_UNAVAILABLE' })
          await cluster.create(SERVER, serverObject(name, 'one'))
          await watching.state('retrying')
          equal(errorCodeOf({ code: watching.status('Server').cause?.code }), 'STORE_UNAVAILABLE')
          watching.ledger.failure = undefined
          await watching.state('live')
          await agrees(cluster, watching.ledger, SERVER)
        })
      }),
  },
]
