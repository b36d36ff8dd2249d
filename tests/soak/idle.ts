import { readdirSync, readFileSync } from 'node:fs'
import type { Measured } from '../../scripts/measured.ts'
import { cpuSecondsOf, memoryOf, rounded } from '../bench/_statistics.ts'
import { startDemo, type Demo } from '../system/_demo.ts'

export const about = 'the demo with idle switches, then with the scripted life: CPU of the hub, memory, growth of the log'

/** Listings, module loading and the first statuses are over by then. */
const SETTLE_MS = 30_000
const IDLE_MS = { full: 600_000, short: 60_000 }
const STORY_MS = { full: 300_000, short: 60_000 }

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The lab is the demo's only child process. */
function childOf(pid: number): number {
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [child] = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ')
    if (child !== undefined && child !== '') return Number(child)
  }
  throw new Error('the demo has no lab')
}

async function metric(demo: Demo, name: string): Promise<number> {
  const text = await (await fetch(`${demo.url}/metrics`)).text()
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`${name} is not told`)
  return Number(value)
}

/** What a stretch of time showed. Percent of one core. */
interface Stretch {
  readonly seconds: number
  readonly hubCpuPercent: number
  readonly labCpuPercent: number
  readonly rssMib: number
  readonly rssGrowthMibPerHour: number
  readonly labRssMib: number
  readonly events: number
  readonly databaseGrowthMibPerHour: number
}

/** Runs the demo alone, without a browser, and looks at its processes from outside. */
async function stretch(life: 'beats' | 'story', ms: number): Promise<Stretch> {
  const demo = await startDemo('--life', life)
  try {
    const hub = demo.process.pid ?? 0
    const lab = childOf(hub)
    await pause(SETTLE_MS)
    const look = async () => ({
      at: performance.now(),
      hub: cpuSecondsOf(hub),
      lab: cpuSecondsOf(lab),
      rss: memoryOf(hub).rssMib,
      head: await metric(demo, 'binnacle_log_head'),
      bytes: await metric(demo, 'binnacle_database_bytes'),
    })
    const before = await look()
    await pause(ms)
    const after = await look()
    const seconds = (after.at - before.at) / 1_000
    const perHour = 3_600 / seconds
    return {
      seconds,
      hubCpuPercent: ((after.hub - before.hub) / seconds) * 100,
      labCpuPercent: ((after.lab - before.lab) / seconds) * 100,
      rssMib: after.rss,
      rssGrowthMibPerHour: (after.rss - before.rss) * perHour,
      labRssMib: memoryOf(lab).rssMib,
      events: after.head - before.head,
      databaseGrowthMibPerHour: ((after.bytes - before.bytes) / 1_048_576) * perHour,
    }
  } finally {
    await demo.close()
  }
}

const named = (prefix: string, found: Stretch): Record<string, number> => ({
  [`${prefix}_seconds`]: rounded(found.seconds, 0),
  [`${prefix}_hub_cpu_percent`]: rounded(found.hubCpuPercent),
  [`${prefix}_lab_cpu_percent`]: rounded(found.labCpuPercent),
  [`${prefix}_rss_mib`]: rounded(found.rssMib, 0),
  [`${prefix}_rss_growth_mib_per_hour`]: rounded(found.rssGrowthMibPerHour, 1),
  [`${prefix}_lab_rss_mib`]: rounded(found.labRssMib, 0),
  [`${prefix}_log_events`]: found.events,
  [`${prefix}_log_events_per_hour`]: rounded((found.events * 3_600) / found.seconds, 0),
  [`${prefix}_database_growth_mib_per_hour`]: rounded(found.databaseGrowthMibPerHour, 2),
})

/** Percent are of one core. With `beats` nothing but heartbeats reaches the hub: every event of the log is theirs. */
export async function run({ scale }: { readonly scale: 'full' | 'short' }): Promise<Measured> {
  const idle = await stretch('beats', IDLE_MS[scale])
  const story = await stretch('story', STORY_MS[scale])
  return {
    figures: { scale, ...named('idle', idle), ...named('story', story) },
    goals: {
      idle_hub_cpu_percent: { max: 2 },
      idle_log_events: { is: 0 },
      story_hub_cpu_percent: { max: 5 },
      story_log_events: { min: 1 },
    },
  }
}
