import { cpus, loadavg } from 'node:os'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a bench or soak found. `goals` are the issue's numbers literally; a figure without a goal is reported only. */
export interface Measured {
  /** Raw figures, units in their names. Comparing figures carry both raw numbers and the ratio. */
  readonly figures: Readonly<Record<string, number | string>>
  /** Figure → bound. `max`: at most; `min`: at least; `is`: exactly. */
  readonly goals: Readonly<Record<string, { readonly max?: number; readonly min?: number; readonly is?: number | string }>>
  /** A run whose control (A/A) differs by more than half the goal proves nothing and says so. */
  readonly invalid?: string
}

/** A file under tests/bench or tests/soak. */
export interface MeasuredModule {
  readonly about: string
  run(options: { readonly scale: 'full' | 'short' }): Promise<Measured>
}

/** Which goals a result misses. */
export function missed({ figures, goals }: Measured): string[] {
  return Object.entries(goals).flatMap(([name, goal]) => {
    const value = figures[name]
    if (value === undefined) return [`${name} was not measured`]
    if (goal.is !== undefined && value !== goal.is) return [`${name} is ${value}, wanted ${goal.is}`]
    if (goal.max !== undefined && !(Number(value) <= goal.max)) return [`${name} is ${value}, at most ${goal.max} wanted`]
    if (goal.min !== undefined && !(Number(value) >= goal.min)) return [`${name} is ${value}, at least ${goal.min} wanted`]
    return []
  })
}

/** Seconds the whole machine spent not idle since boot, over all cores; to tell how busy the neighbours were. */
function machineBusySeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) / 100
}

/** Runs one measured module by name and prints its `RESULT` line. The exit code: 0 met, 1 not met, 2 no such name. */
export async function runMeasured(folder: string, names: readonly string[]): Promise<number> {
  const known = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('_'))
        .map((file) => file.slice(0, -3))
    : []
  const [name, ...rest] = names
  if (name === '--list') {
    for (const each of known)
      console.log(`${each}\t${((await import(pathToFileURL(join(folder, `${each}.ts`)).href)) as MeasuredModule).about}`)
    return 0
  }
  if (name === undefined || !known.includes(name)) {
    console.error(`give one of: ${known.join(', ')}`)
    return 2
  }
  const module = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as MeasuredModule
  const busyBefore = machineBusySeconds()
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const measured = await module.run({ scale: rest.includes('--short') ? 'short' : 'full' })
  const wall = (performance.now() - begun) / 1000
  const own = process.cpuUsage(cpuBefore)
  const misses = missed(measured)
  const met = misses.length === 0 && measured.invalid === undefined
  for (const miss of misses) console.error(`missed: ${miss}`)
  if (measured.invalid !== undefined) console.error(`invalid: ${measured.invalid}`)
  const machine = {
    wall_seconds: Number(wall.toFixed(1)),
    own_cpu_seconds: Number(((own.user + own.system) / 1e6).toFixed(1)),
    machine_busy_seconds: Number((machineBusySeconds() - busyBefore).toFixed(1)),
    load_average: Number((loadavg()[0] ?? 0).toFixed(2)),
    cores: cpus().length,
  }
  console.log(
    `RESULT ${JSON.stringify({ name, figures: measured.figures, goals: measured.goals, met, ...(measured.invalid === undefined ? {} : { invalid: measured.invalid }), machine })}`,
  )
  return met ? 0 : 1
}
