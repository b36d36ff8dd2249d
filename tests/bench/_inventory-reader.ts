// The whole way of a fact, alone in a process: source, store, projector. Measures from "start" to the committed listing.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { cutObject, kindId } from '@binnacle/hedgehog'
import { LiveHub, projectorModule } from '@binnacle/hub'
import { labClock } from '@binnacle/lab'
import { createKubernetesSource, openConnection } from '@binnacle/source-kubernetes'
import { openSqliteStore } from '@binnacle/store'
import type { LabAccess } from './_children.ts'

/** The resolution of the delay monitor; a block is seen as this much longer. Milliseconds. */
const TICK_MS = 5
const DEADLINE_MS = 600_000

const { server, ca, token, objects: wanted } = JSON.parse(process.argv[2] ?? '{}') as LabAccess & { readonly objects: number }
const folder = mkdtempSync(join(tmpdir(), 'binnacle-bench-'))
const store = await openSqliteStore({
  path: join(folder, 'store.db'),
  projector: projectorModule,
  keys: { current: randomBytes(32) },
  retention: { eventsMs: 86_400_000, eventsMax: 1_000_000, versionsMs: 86_400_000, versionsPerObject: 10 },
  now: () => Date.now(),
})
const silent = { info: () => undefined, warn: () => undefined, error: (fields: object, text: string) => console.error(text, fields) }
const live = new LiveHub({ clock: labClock, sink: store.facts, onError: (error) => console.error(error) })
const observer = live.register(1, { heartbeatDeadlineMs: 60_000 })
const listed = Promise.withResolvers<void>()
const source = createKubernetesSource({
  scope: 'fabric/1',
  connect: () =>
    openConnection(
      { type: 'url', server, ca, insecure: false, tls_server_name: null, context: null, path: null, credential: 'token' },
      { token },
      { clock: labClock, destinations: undefined },
    ),
  wanted: [{ group: 'vpc.githedgehog.com', kind: 'VPC', plural: 'vpcs', version: 'v1beta1', expected: true }],
  cut: (kind, group, object) => {
    const { document, volatile } = cutObject(kindId(kind, group), object)
    return { document, quiet: false, ...(volatile === undefined ? {} : { volatile: volatile as Record<string, unknown> }) }
  },
  sink: store.facts,
  observer: {
    ...observer,
    watchChanged: (status, before) => {
      observer.watchChanged(status, before)
      if (status.state === 'live') listed.resolve()
    },
  },
  clock: labClock,
  random: Math.random,
  log: silent,
  stallDeadlineMs: 90_000,
  limits: { objectBytes: 3_145_728 },
})
live.attach(1, source)

const late = setTimeout(() => listed.reject(new Error(`not listed within ${DEADLINE_MS / 1_000} s`)), DEADLINE_MS)
const loop = monitorEventLoopDelay({ resolution: TICK_MS })
loop.enable()
// The same by the thread's own CPU time: a block that neighbours on the machine cause is not in it.
let ownBlockMs = 0
let turn = process.threadCpuUsage()
const ticker = setInterval(() => {
  const { user: userTime, system: systemTime } = process.threadCpuUsage(turn)
  ownBlockMs = Math.max(ownBlockMs, (userTime + systemTime) / 1_000)
  turn = process.threadCpuUsage()
}, TICK_MS)
const cpu = process.cpuUsage()
const begun = performance.now()
source.start()
await listed.promise
const wallMs = performance.now() - begun
const { user, system } = process.cpuUsage(cpu)
loop.disable()
clearInterval(ticker)
clearTimeout(late)
const { kinds } = await store.inventory.counts('fabric/1')
const objects = kinds.find(({ kind }) => kind === 'VPC')?.objects ?? 0
if (objects !== wanted) throw new Error(`${objects} objects are in the inventory, not ${wanted}`)
const method = source.watches()[0]?.method ?? null
const { maxRSS } = process.resourceUsage()
await source.stop()
live.close()
await store.control.close()
rmSync(folder, { recursive: true, force: true })
const result = {
  objects,
  method,
  wallMs,
  cpuMs: (user + system) / 1_000,
  rssMib: maxRSS / 1_024,
  blockMs: Math.max(0, loop.max / 1e6 - TICK_MS),
  ownBlockMs,
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
