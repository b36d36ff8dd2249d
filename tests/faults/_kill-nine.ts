import { createBinnacleClient } from '@binnacle/client'
import { seededRandom } from '@binnacle/lab'
import type { BinnacleEvent } from '@binnacle/protocol'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { newToken, startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { startFaultFabric, TWELVE } from './_fault-fabric.ts'
import { viewHub } from './_hub-view.ts'
import { until } from './_until.ts'

/** What killing a hub again and again under writes came to. */
export interface KillNineResult {
  readonly kills: number
  readonly writes: number
  readonly writesPerSecond: number
  /** Events that the hub observed in the second before the last half second before a kill; median over the kills. */
  readonly appendsPerSecondBeforeKill: number
  readonly events: number
  /** Events that a client which was there all the time got twice, out of order, or not at all. */
  readonly duplicates: number
  readonly disordered: number
  readonly missing: number
  /** Holes in the log's own numbering. */
  readonly gaps: number
  /** What REST showed as committed before a kill and the log does not hold afterwards. */
  readonly lostAfterShown: number
  readonly epochs: number
  readonly clientSaidLost: number
  readonly integrity: string
  /** Kinds whose inventory was not the server's list in the end. */
  readonly disagreeing: number
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * Kills a hub with SIGKILL under continuous writes of its cluster, starts it again on the same port and folder, and
 * compares what a connected client was told with the log itself.
 */
export async function killNine(options: {
  readonly kills: number
  readonly writesPerSecond: number
  readonly upMs: number
  /** A kill waits for this rate. */
  readonly appendsPerSecond?: number
}): Promise<KillNineResult> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-kill-'))
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    const fabric = await startFaultFabric(folder, 'harbor', { probes: 4 })
    undo.push(() => fabric.close())
    const dataDir = join(folder, 'data')
    const port = await freePort()
    const config = { fabrics: [{ name: fabric.name, kubeconfig: fabric.kubeconfig }] }
    const start = (): Promise<HubProcess> => startHubProcess({ config, dataDir, port })
    let hub = await start()
    undo.push(() => hub.kill('SIGKILL'))
    const token = await newToken(hub)
    const told: BinnacleEvent[] = []
    let clientSaidLost = 0
    const client = createBinnacleClient({
      url: `${hub.url.replace('http', 'ws')}/api/v1/ws`,
      token: () => Promise.resolve(token),
      backoff: { capMs: 500 },
    })
    undo.push(() => client.close())
    client.subscribe({ filter: {}, from: 'oldest' }, (message) => {
      if (message.type === 'events') told.push(...message.events)
      if (message.type === 'lost') clientSaidLost += 1
    })
    const begun = performance.now()
    const random = seededRandom(9)
    let writes = 0
    const write = (): void => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * options.writesPerSecond)
      for (; writes < due; writes += 1) {
        const kind = TWELVE[Math.floor(random() * TWELVE.length)] ?? ''
        const name = `busy-${Math.floor(random() * 20)}`
        if (!fabric.objects(kind).some((object) => object.name === name)) fabric.create(kind, name)
        else if (random() < 0.1) fabric.remove(kind, name)
        else fabric.update(kind, name)
      }
    }
    const writer = setInterval(write, 20)
    undo.push(() => clearInterval(writer))
    let lostAfterShown = 0
    const rates: number[] = []
    for (let kill = 0; kill < options.kills; kill += 1) {
      const already = told.length
      const up = performance.now()
      const rate = (): number => {
        const now = Date.now()
        const recent = told.slice(-10_000).map(({ metadata }) => Date.parse(metadata.observed_at))
        return recent.filter((at) => at > now - 1_500 && at <= now - 500).length
      }
      await until(
        'events flow and the hub was up for its time',
        () => told.length > already + 50 && performance.now() - up > options.upMs,
        60_000,
      )
      // A machine that cannot reach the rate in time is killed as it is; the figure tells it.
      await until('events flow at the wanted rate', () => rate() >= (options.appendsPerSecond ?? 0)).catch(() => undefined)
      rates.push(rate())
      const shown = told.at(-1)?.seq ?? 0
      await hub.kill('SIGKILL')
      hub = await start()
      const head = headOf(dataDir)
      if (head < shown) lostAfterShown += 1
    }
    clearInterval(writer)
    const seconds = (performance.now() - begun) / 1_000
    const view = await viewHub(hub, token)
    undo.push(() => view.close())
    const id = await view.id(fabric.name)
    await view.live(id)
    let disagreeing = 0
    for (const kind of TWELVE) await view.agrees(id, fabric, [kind], 30_000).catch(() => (disagreeing += 1))
    const head = headOf(dataDir)
    await until('the client has heard everything', () => (told.at(-1)?.seq ?? 0) >= head, 30_000)
    view.close()
    client.close()
    await hub.kill('SIGTERM')
    return {
      kills: options.kills,
      writes,
      writesPerSecond: Math.round(writes / seconds),
      appendsPerSecondBeforeKill: rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0,
      lostAfterShown,
      clientSaidLost,
      disagreeing,
      ...compare(dataDir, told),
    }
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}

/** Another SQLite than the hub's own reads what the hub left behind. */
const open = (dataDir: string): DatabaseSync => new DatabaseSync(join(dataDir, 'binnacle.db'), { readOnly: true })

const headOf = (dataDir: string): number => {
  const database = open(dataDir)
  try {
    return Number(database.prepare('SELECT max(seq) AS head FROM log').get()?.['head'] ?? 0)
  } finally {
    database.close()
  }
}

function compare(
  dataDir: string,
  told: readonly BinnacleEvent[],
): Pick<KillNineResult, 'events' | 'duplicates' | 'disordered' | 'missing' | 'gaps' | 'epochs' | 'integrity'> {
  const database = open(dataDir)
  try {
    const kept = database
      .prepare('SELECT seq FROM log ORDER BY seq')
      .all()
      .map(({ seq }) => Number(seq))
    const last = told.at(-1)?.seq ?? 0
    const heard = new Set(told.map(({ epoch, seq }) => `${epoch}:${seq}`))
    const numbers = new Set(told.map(({ seq }) => seq))
    return {
      events: told.length,
      duplicates: told.length - heard.size,
      disordered: told.filter(({ seq }, place) => seq <= (told[place - 1]?.seq ?? 0)).length,
      missing: kept.filter((seq) => seq <= last && !numbers.has(seq)).length,
      gaps: kept.filter((seq, place) => seq !== place + 1).length,
      epochs: new Set(told.map(({ epoch }) => epoch)).size,
      integrity: String(database.prepare('PRAGMA integrity_check').get()?.['integrity_check']),
    }
  } finally {
    database.close()
  }
}
