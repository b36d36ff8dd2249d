import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXPECTED_KINDS, cutObject, kindId } from '@binnacle/hedgehog'
import { LiveHub, projectorModule } from '@binnacle/hub'
import { labClock, spineLeafFabric } from '@binnacle/lab'
import { createKubernetesSource, openConnection, type KubernetesSource } from '@binnacle/source-kubernetes'
import type { Clock } from '@binnacle/protocol'
import { openSqliteStore } from '@binnacle/store'
import type { Measured } from '../../scripts/measured.ts'
import { seedLab, startBenchLab, type BenchLab } from '../bench/_children.ts'
import { rounded } from '../bench/_statistics.ts'

export const about =
  'a thousand watches cut by the server: exactly one watch per kind afterwards, sockets and timers back at their baseline'

const RECONNECTS = { full: 1_000, short: 120 }
/** All watches are live again within this time after they were cut. */
const BACK_MS = 30_000

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + BACK_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${BACK_MS / 1_000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Timers that were set and have neither fired nor been cancelled: Node.js does not tell of those that keep nobody awake. */
let timers = 0
const countingClock: Clock = {
  now: () => labClock.now(),
  monotonic: () => labClock.monotonic(),
  after: (ms, fire) => {
    timers += 1
    let set = true
    const over = (): void => {
      if (set) timers -= 1
      set = false
    }
    const timer = labClock.after(ms, () => {
      over()
      fire()
    })
    return {
      cancel: () => {
        over()
        timer.cancel()
      },
    }
  },
}

/** Sockets that this process holds, and timers of source and hub. */
const held = (): { readonly sockets: number; readonly timers: number } => ({
  sockets: process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS)/.test(name)).length,
  timers,
})

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0)

async function watches(lab: BenchLab): Promise<{ readonly open: number; readonly total: number }> {
  const { watchesOpen, watchesTotal } = (await lab.control('counts')) as {
    watchesOpen: Record<string, number>
    watchesTotal: Record<string, number>
  }
  return { open: sum(watchesOpen), total: sum(watchesTotal) }
}

/** Cuts all watches, by reset and in order by turns, until as many were opened again; returns how many rounds it took. */
async function cutAgainAndAgain(lab: BenchLab, source: KubernetesSource, wanted: number): Promise<number> {
  const { total: before } = await watches(lab)
  let rounds = 0
  while ((await watches(lab)).total - before < wanted) {
    const { total } = await watches(lab)
    await lab.control('endWatches', { mode: rounds % 2 === 0 ? 'reset' : 'fin' })
    rounds += 1
    await until('every kind is watched again', async () => {
      const now = await watches(lab)
      return (
        now.total >= total + EXPECTED_KINDS.length &&
        now.open === EXPECTED_KINDS.length &&
        source.watches().every(({ state }) => state === 'live')
      )
    })
  }
  return rounds
}

export async function run({ scale }: { readonly scale: 'full' | 'short' }): Promise<Measured> {
  const lab = await startBenchLab()
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-soak-'))
  const store = await openSqliteStore({
    path: join(folder, 'store.db'),
    projector: projectorModule,
    keys: { current: randomBytes(32) },
    retention: { eventsMs: 86_400_000, eventsMax: 1_000_000, versionsMs: 86_400_000, versionsPerObject: 10 },
    now: () => Date.now(),
  })
  const live = new LiveHub({ clock: countingClock, sink: store.facts, onError: (error) => console.error(error) })
  try {
    await seedLab(lab, spineLeafFabric({ at: Date.now() }).objects)
    await watches(lab)
    const baseline = held()
    const observer = live.register(1, { heartbeatDeadlineMs: 3_600_000 })
    const source = createKubernetesSource({
      scope: 'fabric/1',
      connect: () =>
        openConnection(
          {
            type: 'url',
            server: lab.access.server,
            ca: lab.access.ca,
            insecure: false,
            tls_server_name: null,
            context: null,
            path: null,
            credential: 'token',
          },
          { token: lab.access.token },
          { clock: countingClock, destinations: undefined },
        ),
      wanted: EXPECTED_KINDS.map(({ group, kind, plural, version }) => ({ group, kind, plural, version, expected: true })),
      cut: (kind, group, object) => ({ document: cutObject(kindId(kind, group), object).document, quiet: false }),
      sink: store.facts,
      observer,
      clock: countingClock,
      random: Math.random,
      log: { info: () => undefined, warn: () => undefined, error: (fields, text) => console.error(text, fields) },
      stallDeadlineMs: 90_000,
      limits: { objectBytes: 3_145_728 },
    })
    live.attach(1, source)
    source.start()
    await until('every kind is live', () => source.watches().every(({ state }) => state === 'live'))
    const first = await watches(lab)
    const running = held()
    const begun = performance.now()
    const rounds = await cutAgainAndAgain(lab, source, RECONNECTS[scale])
    const seconds = (performance.now() - begun) / 1_000
    const last = await watches(lab)
    const afterwards = held()
    await source.stop()
    live.unregister(1)
    await until('the lab sees no watch', async () => (await watches(lab)).open === 0)
    await until('sockets are back at their baseline', () => held().sockets <= baseline.sockets && held().timers <= baseline.timers)
    const stopped = held()
    return {
      figures: {
        scale,
        kinds: EXPECTED_KINDS.length,
        reconnects: last.total - first.total,
        rounds,
        seconds: rounded(seconds, 0),
        watches_open: last.open,
        watches_open_after_stop: (await watches(lab)).open,
        sockets_baseline: baseline.sockets,
        sockets_running: running.sockets,
        sockets_after_reconnects: afterwards.sockets,
        sockets_after_stop: stopped.sockets,
        timers_baseline: baseline.timers,
        timers_running: running.timers,
        timers_after_reconnects: afterwards.timers,
        timers_after_stop: stopped.timers,
      },
      goals: {
        reconnects: { min: RECONNECTS[scale] },
        watches_open: { is: EXPECTED_KINDS.length },
        watches_open_after_stop: { is: 0 },
        sockets_after_reconnects: { max: running.sockets },
        sockets_after_stop: { max: baseline.sockets },
        // Some wait for a deadline at any moment; one more per reconnect would be hundreds.
        timers_after_reconnects: { max: running.timers + EXPECTED_KINDS.length },
        timers_after_stop: { max: baseline.timers },
      },
    }
  } finally {
    live.close()
    await store.control.close()
    await lab.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
