import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { causeSchema } from '@binnacle/protocol'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { startHubProcess } from '../system/_hub-process.ts'
import { differences, versionsTold } from './_expected-events.ts'
import { probe, startFaultFabric, TWELVE } from './_fault-fabric.ts'
import { viewHub } from './_hub-view.ts'
import { until } from './_until.ts'

const healthSchema = z.object({ store: z.object({ ok: z.boolean(), cause: causeSchema.nullable(), head: z.int() }) })

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** Lets no file of a process grow beyond this size: every write further out fails, as on a full disk. */
function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`prlimit (util-linux) is needed: ${stderr}`)
}

test(
  '[SY35] on a full disk nothing acknowledged is lost, reading goes on, it is told, and all is made good afterwards',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'binnacle-full-disk-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const fabric = await startFaultFabric(folder, 'harbor')
    undo.push(() => fabric.close())
    const dataDir = join(folder, 'data')
    const hub = await startHubProcess({
      dataDir,
      config: { fabrics: [{ name: 'harbor', kubeconfig: fabric.kubeconfig, settings: { stall_deadline_seconds: 10 } }] },
    })
    undo.push(() => hub.kill('SIGTERM'))
    const view = await viewHub(hub)
    undo.push(() => view.close())
    const id = await view.id('harbor')
    await view.live(id)
    for (const kind of TWELVE) fabric.update(kind, probe(kind, 4))
    await view.agrees(id, fabric)
    await until('the changes are told', () => view.changes(id).length === TWELVE.length)
    const before = TWELVE.flatMap((kind) => fabric.objects(kind))
    const mark = view.events.length
    const ready = async (): Promise<number> => (await fetch(`${hub.url}/readyz`)).status
    expect(await ready()).toBe(200)

    limitFiles(hub.pid, 4_096)
    for (const kind of TWELVE) {
      fabric.update(kind, probe(kind, 1))
      fabric.remove(kind, probe(kind, 2))
      fabric.create(kind, probe(kind, 5))
    }
    const full = await until('health tells it', async () => {
      const { store } = await view.api.get('system/health', healthSchema)
      return !store.ok && store
    })
    expect(full.cause?.code).toBe('STORE_UNAVAILABLE')
    expect(full.cause?.remedy).not.toBe('')
    expect(await ready()).toBe(503)
    await until('no watch is shown as live', async () =>
      (await view.watches(id)).watches.filter(({ expected }) => expected).every(({ state }) => state !== 'live'),
    )
    expect((await view.detail(id)).fabric).toMatchObject({ cause: { code: 'STORE_UNAVAILABLE' } })
    expect(hub.log()).toContain('"code":"STORE_UNAVAILABLE"')
    for (const kind of TWELVE) {
      const listed = await view.listed(id, kind)
      expect(listed.length, `${kind} can be read`).toBe(before.filter((object) => object.kind === kind).length)
    }
    const { store: held } = await view.api.get('system/health', healthSchema)
    expect(held.head).toBe(view.events.at(-1)?.seq)

    limitFiles(hub.pid, 'unlimited')
    await view.live(id)
    await view.agrees(id, fabric)
    const after = TWELVE.flatMap((kind) => fabric.objects(kind))
    await until('health is good again', async () => (await view.api.get('system/health', healthSchema)).store.ok)
    expect(await ready()).toBe(200)
    for (const kind of TWELVE) {
      const of = (objects: typeof before) => objects.filter((object) => object.kind === kind)
      const wanted = differences(of(before), of(after))
      await until(`what was missed of ${kind} is told`, () => versionsTold(view.changes(id, mark), kind).length >= wanted.length)
      expect(versionsTold(view.changes(id, mark), kind).toSorted()).toEqual(wanted)
    }
    expect(view.lost).toEqual([])
    view.close()
    expect(await hub.kill('SIGTERM')).toBe(0)
    const file = join(dataDir, 'binnacle.db')
    expect(statSync(file).size).toBeGreaterThan(4_096)
    const database = new DatabaseSync(file, { readOnly: true })
    undo.push(() => database.close())
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    const numbers = database
      .prepare('SELECT seq FROM log ORDER BY seq')
      .all()
      .map(({ seq }) => Number(seq))
    expect(numbers).toEqual(numbers.map((_, place) => place + 1))
    expect(view.events.map(({ seq }) => seq)).toEqual(numbers.slice(0, view.events.length))
  },
)
