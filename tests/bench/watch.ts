import { manyVpcs, manyVpcsNamespaces } from '@binnacle/lab'
import type { Measured } from '../../scripts/measured.ts'
import { startHubProcess, tokenOf, type HubProcess } from '../system/_hub-process.ts'
import { runChild, seedLab, startBenchLab, startChild, type BenchLab } from './_children.ts'
import { cpuSecondsOf, percentile, rounded } from './_statistics.ts'

export const about = '200 changes/s from the cluster to a client callback, beside two raw watches in the same run'

const VPCS = '/apis/vpc.githedgehog.com/v1beta1/vpcs'
const WRITES = '/apis/vpc.githedgehog.com/v1beta1/namespaces/default/vpcs'
const PER_SECOND = 200
const OBJECTS = 1_000
const GOAL = { p50: 15, p99: 100 }
/** What is still under way when the writer has its last answer arrives within this time. */
const SETTLE_MS = 2_000
const READY_MS = 60_000

interface Seen {
  readonly arrived: Readonly<Record<string, number>>
  readonly cpuMs: number
}
interface LiveSeen extends Seen {
  readonly observedToCallback: readonly number[]
  readonly duplicates: number
  readonly gaps: number
  readonly lost: number
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function metric(hub: HubProcess, line: string): Promise<number> {
  const text = await (await fetch(`${hub.url}/metrics`)).text()
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? Number.NaN : Number(found.slice(line.length + 1))
}

const hop = (hub: HubProcess, name: string, quantile: string): Promise<number> =>
  metric(hub, `binnacle_hop_milliseconds{hop="${name}",quantile="${quantile}"}`)

/** Resolves when the hub holds all objects and watches. */
async function watching(hub: HubProcess): Promise<void> {
  const end = performance.now() + READY_MS
  while ((await metric(hub, 'binnacle_watch_objects{fabric="bench",kind="VPC"}')) !== OBJECTS) {
    if (performance.now() > end) throw new Error(`the hub did not list ${OBJECTS} VPCs:\n${hub.log()}`)
    await pause(100)
  }
}

interface Observation {
  readonly sent: Readonly<Record<string, number>>
  readonly failed: number
  readonly writerMs: number
  readonly raw: Seen
  readonly again: Seen
  readonly live: LiveSeen
  readonly hubCpuSeconds: number
  readonly hops: Readonly<Record<string, number>>
}

async function observe(lab: BenchLab, hub: HubProcess, seconds: number): Promise<Observation> {
  const { revision } = (await lab.control('counts')) as { revision: number }
  const watch = { ...lab.access, path: VPCS, from: String(revision) }
  const raw = startChild('_raw-watch.ts', watch)
  const live = startChild('_live-reader.ts', { url: `${hub.url.replace('http', 'ws')}/api/v1/ws`, token: tokenOf(hub) })
  const again = startChild('_raw-watch.ts', watch)
  try {
    await Promise.all([raw.next(), live.next(), again.next()])
    const cpu = cpuSecondsOf(hub.pid)
    const names = [...manyVpcs(OBJECTS)].map(({ metadata }) => metadata.name ?? '')
    const writer = await runChild<{ sent: Record<string, number>; failed: number; wallMs: number }>('_writer.ts', {
      ...lab.access,
      path: WRITES,
      names,
      perSecond: PER_SECOND,
      seconds,
    })
    await pause(SETTLE_MS)
    const hubCpuSeconds = cpuSecondsOf(hub.pid) - cpu
    const hops: Record<string, number> = {}
    for (const [name, quantile] of [
      ['observed_to_commit', '0.5'],
      ['observed_to_commit', '0.99'],
      ['commit_to_frame', '0.5'],
      ['commit_to_frame', '0.99'],
      ['observed_to_frame', '0.5'],
      ['observed_to_frame', '0.99'],
    ] as const)
      hops[`${name}_ms_p${quantile === '0.5' ? '50' : '99'}`] = rounded(await hop(hub, name, quantile))
    const [rawSeen, liveSeen, againSeen] = await Promise.all([raw.finish<Seen>(), lastOf(live), again.finish<Seen>()])
    return {
      sent: writer.sent,
      failed: writer.failed,
      writerMs: writer.wallMs,
      raw: rawSeen,
      live: liveSeen,
      again: againSeen,
      hubCpuSeconds,
      hops,
    }
  } finally {
    await Promise.all([raw.kill(), live.kill(), again.kill()])
  }
}

/** "Ready" may come more than once; the result is the line with the arrivals. */
async function lastOf(child: ReturnType<typeof startChild>): Promise<LiveSeen> {
  let line = await child.finish<Partial<LiveSeen>>()
  while (line.arrived === undefined) line = await child.next<Partial<LiveSeen>>()
  return line as LiveSeen
}

/** From sending to arrival, of the changes that were sent. */
function latencies(sent: Readonly<Record<string, number>>, seen: Seen): number[] {
  return Object.entries(sent).flatMap(([version, at]) => {
    const arrival = seen.arrived[version]
    return arrival === undefined ? [] : [arrival - at]
  })
}

/** All at the same time, each in a process of its own: lab, writer, hub, client, two raw watches. Nothing is pinned. */
export async function run({ scale }: { readonly scale: 'full' | 'short' }): Promise<Measured> {
  const seconds = scale === 'full' ? 20 : 5
  const lab = await startBenchLab()
  try {
    await seedLab(lab, manyVpcsNamespaces(OBJECTS))
    await seedLab(lab, manyVpcs(OBJECTS))
    const hub = await startHubProcess({ config: { fabrics: [{ id: 1, name: 'bench', kubeconfig: lab.kubeconfig }] } })
    try {
      await watching(hub)
      // The first changes find everything cold, in every process; they are not what is asked for.
      await runChild('_writer.ts', {
        ...lab.access,
        path: WRITES,
        names: [...manyVpcs(OBJECTS)].map(({ metadata }) => metadata.name ?? ''),
        perSecond: PER_SECOND,
        seconds: 2,
      })
      return judge(await observe(lab, hub, seconds), scale, seconds)
    } finally {
      await hub.close()
    }
  } finally {
    await lab.stop()
  }
}

function judge(found: Observation, scale: string, seconds: number): Measured {
  const raw = latencies(found.sent, found.raw)
  const again = latencies(found.sent, found.again)
  const live = latencies(found.sent, found.live)
  const at = (values: readonly number[], share: number): number => percentile(values, share)
  const above = Object.keys(found.sent).flatMap((version) => {
    const [first, last] = [found.raw.arrived[version], found.live.arrived[version]]
    return first === undefined || last === undefined ? [] : [last - first]
  })
  const changes = Object.keys(found.sent).length
  const aa = { p50: Math.abs(at(raw, 0.5) - at(again, 0.5)), p99: Math.abs(at(raw, 0.99) - at(again, 0.99)) }
  const unsteady = (['p50', 'p99'] as const).filter((name) => aa[name] > GOAL[name] / 2)
  return {
    figures: {
      scale,
      changes,
      changes_per_second: rounded((changes * 1_000) / found.writerMs, 1),
      seconds,
      writes_failed: found.failed,
      raw_p50_ms: rounded(at(raw, 0.5)),
      raw_p99_ms: rounded(at(raw, 0.99)),
      callback_p50_ms: rounded(at(live, 0.5)),
      callback_p99_ms: rounded(at(live, 0.99)),
      above_raw_p50_ms: rounded(at(live, 0.5) - at(raw, 0.5)),
      above_raw_p99_ms: rounded(at(live, 0.99) - at(raw, 0.99)),
      each_above_raw_p50_ms: rounded(at(above, 0.5)),
      each_above_raw_p99_ms: rounded(at(above, 0.99)),
      aa_p50_ms: rounded(aa.p50),
      aa_p99_ms: rounded(aa.p99),
      ...found.hops,
      observed_to_callback_ms_p50: rounded(at(found.live.observedToCallback, 0.5)),
      observed_to_callback_ms_p99: rounded(at(found.live.observedToCallback, 0.99)),
      hub_cpu_us_per_event: rounded((found.hubCpuSeconds * 1e6) / changes, 0),
      raw_cpu_us_per_event: rounded((found.raw.cpuMs * 1_000) / changes, 0),
      client_cpu_us_per_event: rounded((found.live.cpuMs * 1_000) / changes, 0),
      callbacks_missing: changes - live.length,
      duplicates: found.live.duplicates,
      gaps: found.live.gaps,
    },
    goals: {
      above_raw_p50_ms: { max: GOAL.p50 },
      above_raw_p99_ms: { max: GOAL.p99 },
      observed_to_commit_ms_p99: { max: 50 },
      writes_failed: { is: 0 },
      callbacks_missing: { is: 0 },
    },
    ...(unsteady.length === 0
      ? {}
      : { invalid: `two raw watches differ by ${unsteady.map((name) => `${rounded(aa[name])} ms in ${name}`).join(', ')}` }),
  }
}
