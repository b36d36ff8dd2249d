import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startHubProcess } from '../system/_hub-process.ts'
import { differences, versionsTold } from './_expected-events.ts'
import { probe, startFaultFabric, TWELVE } from './_fault-fabric.ts'
import { viewHub } from './_hub-view.ts'

/** The events of a time when nobody watched: 100 changed, made and deleted objects. */
const CHANGES = 100

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

test(
  '[SY27] what changed while Binnacle was stopped appears as exactly those catch-up events, and nothing else',
  { timeout: 150_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'binnacle-catch-up-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const fabric = await startFaultFabric(folder, 'harbor', { probes: 9 })
    undo.push(() => fabric.close())
    const config = { fabrics: [{ name: fabric.name, kubeconfig: fabric.kubeconfig }] }
    const dataDir = join(folder, 'data')
    const first = await startHubProcess({ config, dataDir })
    undo.push(() => first.kill('SIGTERM'))
    const before = await viewHub(first)
    undo.push(() => before.close())
    const id = await before.id(fabric.name)
    await before.live(id)
    await before.agrees(id, fabric)
    expect(before.changes(id), 'the first listing ever is no flood of events').toEqual([])
    before.close()
    expect(await first.kill('SIGTERM')).toBe(0)

    const old = new Map(TWELVE.map((kind) => [kind, fabric.objects(kind)]))
    for (let number = 0; number < CHANGES; number += 1) {
      const kind = TWELVE[number % TWELVE.length] ?? ''
      const round = Math.floor(number / TWELVE.length) + 1
      if (round % 3 === 1) fabric.update(kind, probe(kind, round))
      else if (round % 3 === 2) fabric.remove(kind, probe(kind, round))
      else fabric.create(kind, probe(kind, round + 100))
    }
    // Seen several times, in the end one object: still one event.
    for (const kind of TWELVE) fabric.update(kind, probe(kind, 1))
    const now = new Map(TWELVE.map((kind) => [kind, fabric.objects(kind)]))

    const second = await startHubProcess({ config, dataDir })
    undo.push(() => second.kill('SIGTERM'))
    const after = await viewHub(second, before.token)
    undo.push(() => after.close())
    await after.live(id)
    await after.agrees(id, fabric)
    for (const kind of TWELVE) fabric.update(kind, probe(kind, 6))
    await after.agrees(id, fabric)
    const told = after.changes(id)
    const caughtUp = told.filter(({ metadata }) => metadata.catch_up === true)
    expect(caughtUp).toHaveLength(CHANGES)
    for (const kind of TWELVE) {
      const wanted = differences(old.get(kind) ?? [], now.get(kind) ?? [])
      const lines = versionsTold(caughtUp, kind)
      expect(lines.toSorted(), kind).toEqual(wanted)
    }
    const live = told.filter(({ metadata }) => metadata.catch_up !== true)
    expect(live.map(({ subject }) => subject?.name ?? '').toSorted()).toEqual(TWELVE.map((kind) => probe(kind, 6)).toSorted())
    expect(after.lost).toEqual([])
  },
)
