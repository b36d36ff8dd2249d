import { manyVpcs, manyVpcsNamespaces } from '@binnacle/lab'
import type { Measured } from '../../scripts/measured.ts'
import { runChild, seedLab, startBenchLab, type BenchLab } from './_children.ts'
import { median, rounded } from './_statistics.ts'

export const about = '10,000 VPCs of 1.8 kB into the inventory, beside a raw reading of the same; 100,000 within 1 GiB'

const PATH = '/apis/vpc.githedgehog.com/v1beta1/vpcs'
const OBJECTS = 10_000
/** An A/A ratio beyond this, or below its inverse, is half the goal of 3: the machine was too busy to compare on. */
const AA_BOUND = 1.5

interface Reading {
  readonly objects: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly rssMib: number
}
interface Listing extends Reading {
  readonly method: string | null
  readonly blockMs: number
  readonly ownBlockMs: number
}
interface Rounds {
  readonly raw: Reading[]
  readonly inventory: Listing[]
  readonly again: Reading[]
}

const METHODS = { watch_list: '1.32', list: '1.27' } as const
type Method = keyof typeof METHODS

const medianOf = (readings: readonly Reading[], name: keyof Reading): number => median(readings.map((reading) => reading[name]))

async function withLab<T>(method: Method, objects: number, work: (lab: BenchLab) => Promise<T>): Promise<T> {
  const lab = await startBenchLab(['--mode', METHODS[method], '--history-limit', '100'])
  try {
    await seedLab(lab, manyVpcsNamespaces(objects))
    await seedLab(lab, manyVpcs(objects))
    return await work(lab)
  } finally {
    await lab.stop()
  }
}

async function listing(lab: BenchLab, objects: number, method: Method): Promise<Listing> {
  const found = await runChild<Listing>('_inventory-reader.ts', { ...lab.access, objects })
  if (found.method !== method) throw new Error(`it was read by ${String(found.method)}, not by ${method}`)
  return found
}

async function raw(lab: BenchLab, objects: number, method: Method): Promise<Reading> {
  const found = await runChild<Reading>('_raw-reader.ts', { ...lab.access, path: PATH, method })
  if (found.objects !== objects) throw new Error(`the raw reader saw ${found.objects} objects, not ${objects}`)
  return found
}

function rounds(method: Method, count: number): Promise<Rounds> {
  return withLab(method, OBJECTS, async (lab) => {
    const result: Rounds = { raw: [], inventory: [], again: [] }
    for (let round = 0; round < count; round += 1) {
      result.raw.push(await raw(lab, OBJECTS, method))
      result.inventory.push(await listing(lab, OBJECTS, method))
      result.again.push(await raw(lab, OBJECTS, method))
    }
    return result
  })
}

/** A B A' in each round, each in a process of its own; medians over the rounds, nothing pinned, CPU of all threads. */
export async function run({ scale }: { readonly scale: 'full' | 'short' }): Promise<Measured> {
  const count = scale === 'full' ? 5 : 2
  const figures: Record<string, number | string> = { scale, objects: OBJECTS, rounds: count }
  const unsteady: string[] = []
  for (const method of ['watch_list', 'list'] as const) {
    const prefix = method === 'list' ? 'list_' : ''
    const found = await rounds(method, count)
    const rawCpu = medianOf([...found.raw, ...found.again], 'cpuMs')
    const cpu = medianOf(found.inventory, 'cpuMs')
    const aa = medianOf(found.again, 'cpuMs') / medianOf(found.raw, 'cpuMs')
    if (aa > AA_BOUND || aa < 1 / AA_BOUND) unsteady.push(`${prefix}aa_cpu_ratio is ${rounded(aa)}`)
    Object.assign(figures, {
      [`${prefix}raw_cpu_ms`]: rounded(rawCpu, 0),
      [`${prefix}raw_wall_ms`]: rounded(medianOf([...found.raw, ...found.again], 'wallMs'), 0),
      [`${prefix}raw_rss_mib`]: rounded(medianOf([...found.raw, ...found.again], 'rssMib'), 0),
      [`${prefix}inventory_cpu_ms`]: rounded(cpu, 0),
      [`${prefix}inventory_wall_ms`]: rounded(medianOf(found.inventory, 'wallMs'), 0),
      [`${prefix}inventory_rss_mib`]: rounded(medianOf(found.inventory, 'rssMib'), 0),
      [`${prefix}cpu_us_per_object`]: rounded((cpu * 1_000) / OBJECTS, 1),
      [`${prefix}cpu_ratio`]: rounded(cpu / rawCpu),
      [`${prefix}aa_cpu_ratio`]: rounded(aa),
      [`${prefix}main_loop_block_ms_max`]: rounded(Math.max(...found.inventory.map(({ blockMs }) => blockMs)), 1),
      [`${prefix}main_loop_own_cpu_block_ms_max`]: rounded(Math.max(...found.inventory.map(({ ownBlockMs }) => ownBlockMs)), 1),
    })
  }
  const many = scale === 'full' ? 100_000 : 30_000
  figures['many_objects'] = many
  for (const method of ['watch_list', 'list'] as const) {
    const found = await withLab(method, many, (lab) => listing(lab, many, method))
    figures[`many_${method}_rss_mib`] = rounded(found.rssMib, 0)
    figures[`many_${method}_wall_ms`] = rounded(found.wallMs, 0)
    figures[`many_${method}_cpu_ms`] = rounded(found.cpuMs, 0)
    figures[`many_${method}_main_loop_block_ms_max`] = rounded(found.blockMs, 1)
    figures[`many_${method}_main_loop_own_cpu_block_ms_max`] = rounded(found.ownBlockMs, 1)
  }
  return {
    figures,
    goals: {
      cpu_ratio: { max: 3 },
      list_cpu_ratio: { max: 3 },
      main_loop_block_ms_max: { max: 100 },
      list_main_loop_block_ms_max: { max: 100 },
      many_watch_list_rss_mib: { max: 1_024 },
      many_list_rss_mib: { max: 1_024 },
    },
    ...(unsteady.length === 0 ? {} : { invalid: unsteady.join('; ') }),
  }
}
