import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measured } from '../../scripts/measured.ts'
import { differences, versionsMade, versionsTold } from '../faults/_expected-events.ts'
import { probe, startFaultFabric, TWELVE, type FaultFabric } from '../faults/_fault-fabric.ts'
import { viewHub, type HubView } from '../faults/_hub-view.ts'
import { until } from '../faults/_until.ts'
import { sampleWatches, untrue } from '../faults/_watch-truth.ts'
import { startHubProcess } from '../system/_hub-process.ts'

/** Names the soak in `--list`. */
export const about =
  'a server that refuses connections for 30 s, and one that stalls silently with the deadline people have: found in time, nothing lost'

const REFUSED_MS = { full: 30_000, short: 6_000 }
const DEADLINE_SECONDS = { full: 89, short: 5 }
const TRUE_MS = 1_000

interface Outcome {
  readonly foundMs: number
  readonly recoveryMs: readonly number[]
  readonly untrueStates: number
  readonly wrongEvents: number
}

function change(fabric: FaultFabric): void {
  for (const kind of TWELVE) {
    fabric.update(kind, probe(kind, 1))
    fabric.update(kind, probe(kind, 1))
    fabric.remove(kind, probe(kind, 2))
    fabric.create(kind, probe(kind, 9))
  }
}

async function watchFault(
  view: HubView,
  fabric: FaultFabric,
  fault: { readonly blindMs: number; readonly lastsMs: number; readonly relists: boolean; begin(): unknown; heal(): unknown },
): Promise<Outcome> {
  const id = await view.id(fabric.name)
  const watched = sampleWatches(view, id)
  const before = TWELVE.flatMap((kind) => fabric.objects(kind))
  const begun = Date.now()
  await fault.begin()
  change(fabric)
  const after = TWELVE.flatMap((kind) => fabric.objects(kind))
  await until('the fault has lasted', () => Date.now() > begun + fault.lastsMs, fault.lastsMs + 5_000)
  const healed = Date.now()
  await fault.heal()
  await view.live(id, 30_000)
  await view.agrees(id, fabric)
  await watched.end()
  const states = view.events.filter(
    ({ fabric_id, event_type, data }) => fabric_id === id && event_type === 'watch_state_changed' && data['expected'] === true,
  )
  const at = (kind: string, live: boolean, from: number): number =>
    states
      .filter(({ data, metadata }) => data['kind'] === kind && (data['to'] === 'live') === live && Date.parse(metadata.observed_at) >= from)
      .map(({ metadata }) => Date.parse(metadata.observed_at))[0] ?? Infinity
  let wrongEvents = 0
  for (const kind of TWELVE) {
    const of = (objects: typeof before) => objects.filter((each) => each.kind === kind)
    const told = versionsTold(view.changes(id), kind)
    const wanted = fault.relists ? differences(of(before), of(after)) : versionsMade(fabric.made, kind)
    if ((fault.relists ? told.toSorted() : told).join('\n') !== wanted.join('\n')) wrongEvents += 1
  }
  return {
    foundMs: Math.max(...TWELVE.map((kind) => at(kind, false, begun) - begun)),
    recoveryMs: TWELVE.map((kind) => at(kind, true, healed) - healed),
    untrueStates: untrue(watched.samples, begun + fault.blindMs + TRUE_MS, healed, (state) => state === 'live').length,
    wrongEvents,
  }
}

/** Both faults at once, each on a fabric of its own. */
export async function run({ scale }: { readonly scale: 'full' | 'short' }): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-soak-chaos-'))
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    // Bookmarks as rare as those of real servers, a stall deadline as people have it.
    const server = scale === 'full' ? { watch: { bookmarkMs: 60_000 } } : {}
    const refused = await startFaultFabric(folder, 'refused', { server })
    undo.push(() => refused.close())
    const stalled = await startFaultFabric(folder, 'stalled', { server })
    undo.push(() => stalled.close())
    const settings = { stall_deadline_seconds: DEADLINE_SECONDS[scale] }
    const hub = await startHubProcess({
      config: { fabrics: [refused, stalled].map(({ name, kubeconfig }) => ({ name, kubeconfig, settings })) },
    })
    undo.push(() => hub.close())
    const view = await viewHub(hub)
    undo.push(() => view.close())
    for (const { name } of [refused, stalled]) await view.live(await view.id(name))
    const blindMs = DEADLINE_SECONDS[scale] * 1_000
    const [one, other] = await Promise.all([
      watchFault(view, refused, {
        blindMs: 0,
        lastsMs: REFUSED_MS[scale],
        relists: false,
        begin: () => refused.proxy.refuse(),
        heal: () => refused.proxy.heal(),
      }),
      watchFault(view, stalled, {
        blindMs,
        lastsMs: blindMs + 3_000,
        relists: true,
        begin: () => stalled.lab.control.fault({ type: 'stall' }),
        heal: () => stalled.lab.control.clearFaults('stall'),
      }),
    ])
    const recoveries = [...one.recoveryMs, ...other.recoveryMs].toSorted((a, b) => a - b)
    return {
      figures: {
        refused_found_ms: one.foundMs,
        stall_found_ms: other.foundMs,
        recovery_p50_ms: recoveries[Math.floor(recoveries.length / 2)] ?? Infinity,
        recovery_p95_ms: recoveries[Math.ceil(recoveries.length * 0.95) - 1] ?? Infinity,
        untrue_states: one.untrueStates + other.untrueStates,
        kinds_with_wrong_events: one.wrongEvents + other.wrongEvents,
      },
      goals: {
        refused_found_ms: { max: TRUE_MS },
        stall_found_ms: { max: 90_000 },
        recovery_p95_ms: { max: 5_000 },
        untrue_states: { is: 0 },
        kinds_with_wrong_events: { is: 0 },
      },
    }
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}
