import { startLabServer, spineLeafFabric, type LabServer } from '@binnacle/lab'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callAdminSocket } from '../admin/socket.ts'
import { doctor } from '../commands/doctor.ts'
import { addFabric, listFabrics, removeFabric, testFabric } from '../commands/fabric.ts'
import { readConfig, type CommandConfig } from '../commands/read-config.ts'
import { showConfig } from '../commands/show-config.ts'
import { withAdmin } from '../commands/with-admin.ts'
import { dataDirPaths } from './data-dir.ts'
import { startHubProcess, type HubProcess } from './hub-process.ts'
import { createLogs } from './logger.ts'
import { systemClock } from './system-clock.ts'

let folder: string
let lab: LabServer
let config: CommandConfig
let hub: HubProcess
let logged = ''

/** What a command wrote to standard output. */
async function printed(run: () => unknown): Promise<string> {
  const write = process.stdout.write.bind(process.stdout)
  let text = ''
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk)
    return true
  }
  try {
    await run()
  } finally {
    process.stdout.write = write
  }
  return text
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 30_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`not in time: ${what}\n${logged}`)
    await setTimeout(20)
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-hub-'))
  lab = await startLabServer()
  lab.control.seed(spineLeafFabric({ at: Date.now() }).objects)
  writeFileSync(join(folder, 'lab.kubeconfig'), lab.kubeconfig('readonly'), { mode: 0o600 })
  writeFileSync(
    join(folder, 'binnacle.yaml'),
    JSON.stringify({
      data_dir: 'data',
      listen: { port: 0 },
      log: { format: 'pretty' },
      fabrics: [{ id: 7, name: 'given', kubeconfig: 'lab.kubeconfig' }],
    }),
  )
  config = readConfig(join(folder, 'binnacle.yaml'))
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString('utf8')
      done()
    },
  })
  const { log } = config.loaded.config
  const logs = createLogs({ level: log.level, format: log.format, components: log.components }, out)
  hub = await startHubProcess({
    config: config.loaded.config,
    baseDir: config.baseDir,
    clock: systemClock,
    random: Math.random,
    logs,
    serving: true,
  })
})

afterAll(async () => {
  await hub.close()
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

async function token(): Promise<string> {
  return (await hub.operations.createToken({ user: 'test', role: 'admin', scope: '*', ttlSeconds: 3_600, name: 'test' })).token
}

const ask = async (path: string, secret: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${hub.url ?? ''}/api/v1/${path}`, { headers: { authorization: `Bearer ${secret}` } })).json()) as Record<
    string,
    unknown
  >

test('[AP6] a configured fabric is watched, shown with its topology, counted in the metrics and proven', async () => {
  const secret = await token()
  await until(
    'connected',
    async () => ((await ask('fabrics/7', secret))['fabric'] as { status: string }).status === 'connected' || undefined,
  )
  const topology = (await ask('fabrics/7/topology', secret)) as unknown as { nodes: { type: string }[] }
  expect(topology.nodes.filter(({ type }) => type === 'spine').length).toBeGreaterThanOrEqual(2)
  const metrics = await (await fetch(`${hub.url ?? ''}/metrics`)).text()
  expect(metrics).toMatch(/binnacle_watch_live\{[^}]*kind="VPC"[^}]*\} 1/)
  const report = await hub.operations.testFabric({ name: 'given' })
  expect(report.ok).toBe(true)
  expect(await printed(() => testFabric(config, 'given'))).toContain('every kind that must be watched can be watched')
  expect(logged).toContain('watch state')
})

test('[AP7] commands reach the running hub through its admin socket, and its errors come back with code and remedy', async () => {
  const socket = dataDirPaths(join(folder, 'data')).adminSocket
  expect((await callAdminSocket(socket, 'status'))?.result).toMatchObject({ url: hub.url })
  await expect(callAdminSocket(socket, 'testFabric', { name: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await callAdminSocket(join(folder, 'no.sock'), 'status')).toBeUndefined()
  const link = await withAdmin(config, (operations) => operations.setupLink())
  expect(link.url).toContain(`${hub.url ?? ''}/setup#`)
  expect((await hub.operations.backup({ path: join(folder, 'copy.db') })).bytes).toBeGreaterThan(10_000)
})

test('[AP8] fabrics are added and removed by command; listings, configuration and doctor tell what is there', async () => {
  const added = await printed(() => addFabric(config, 'second', { kubeconfig: join(folder, 'lab.kubeconfig'), description: 'two' }))
  expect(added).toMatch(/fabric second has id \d+/)
  await until('second is connected', async () =>
    (await hub.operations.fabrics()).find(({ name }) => name === 'second')?.status === 'connected' ? true : undefined,
  )
  expect(await printed(() => listFabrics(config))).toMatch(/second +connected/)
  expect(await printed(() => showConfig(config))).toMatch(/listen\.port +0/)
  let well = false
  const examined = await printed(async () => {
    well = await doctor(join(folder, 'binnacle.yaml'))
  })
  expect(examined).not.toContain('WRONG')
  expect(well).toBe(true)
  await removeFabric(config, 'second')
  expect((await hub.operations.fabrics()).map(({ name }) => name)).toEqual(['given'])
})
