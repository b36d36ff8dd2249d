import { fabricViewSchema } from '@binnacle/protocol'
import { noContent } from '@binnacle/client'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startHubProcess } from '../system/_hub-process.ts'
import { probe, startFaultFabric, TWELVE } from './_fault-fabric.ts'
import { viewHub } from './_hub-view.ts'
import { openSockets } from './_open-sockets.ts'
import { until } from './_until.ts'

const RECONNECTS = 100

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

test('[SY34] exactly one watch per kind, and after the end none, with no socket left', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-leaks-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const fabric = await startFaultFabric(folder, 'harbor')
  undo.push(() => fabric.close())
  const { control } = fabric.lab
  const hub = await startHubProcess({ config: { destinations: { loopback: true } } })
  undo.push(() => hub.close())
  const view = await viewHub(hub)
  undo.push(() => view.close())
  const sockets = (): number => openSockets(hub.pid, Number(new URL(hub.url).port))
  const baseline = sockets()
  const kubeconfig = (account: string): string =>
    fabric.lab.kubeconfig(account).replaceAll(fabric.lab.url, `https://127.0.0.1:${fabric.proxy.port}`)
  const input = (account: string, enabled = true): object => ({
    name: 'harbor',
    enabled,
    connection: { type: 'kubeconfig', kubeconfig: kubeconfig(account) },
    settings: { stall_deadline_seconds: 10 },
  })
  const watched = async (account: string, count: number): Promise<void> => {
    await until(
      `the server counts ${count} watches of ${account} and no other`,
      () => control.watches({ account }).length === count && control.watches().length === count,
    )
  }
  const nothingLeft = async (): Promise<void> => {
    await watched('admin', 0)
    await until('no connection to the cluster is left', () => fabric.proxy.connections === 0)
    await until(`sockets are back at ${baseline}`, () => sockets() <= baseline)
  }

  const { id } = await view.api.post('fabrics', input('admin'), fabricViewSchema)
  await view.live(id)
  await watched('admin', TWELVE.length)
  const inUse = sockets()
  expect(inUse).toBeGreaterThan(baseline)

  await view.api.put(`fabrics/${id}`, input('readonly'), fabricViewSchema)
  await view.live(id)
  await watched('readonly', TWELVE.length)
  await until('sockets of the old credentials are gone', () => sockets() <= inUse)

  for (let cuts = 0; cuts < RECONNECTS; cuts += control.endWatches({}, 'reset')) {
    await watched('readonly', TWELVE.length)
  }
  await view.live(id)
  await watched('readonly', TWELVE.length)
  await until('sockets are what they were', () => sockets() <= inUse)
  fabric.update('VPC', probe('VPC', 1))
  await view.agrees(id, fabric)

  await view.api.put(`fabrics/${id}`, input('readonly', false), fabricViewSchema)
  await nothingLeft()
  await view.api.put(`fabrics/${id}`, input('admin'), fabricViewSchema)
  await view.live(id)
  await watched('admin', TWELVE.length)
  await view.api.delete(`fabrics/${id}`, noContent)
  await nothingLeft()

  const { id: again } = await view.api.post('fabrics', input('admin'), fabricViewSchema)
  await view.live(again)
  await watched('admin', TWELVE.length)
  view.close()
  expect(await hub.kill('SIGTERM')).toBe(0)
  await watched('admin', 0)
  await until('no connection to the cluster is left', () => fabric.proxy.connections === 0)
})
