import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cutObject, derivesStatus, kindOf, type ResourceDocument } from '@binnacle/hedgehog'
import { meshFabric } from '@binnacle/lab'
import type { BinnacleEvent, DerivedStatus, Fact, ObjectKey } from '@binnacle/protocol'
import { openSqliteStore, type Store } from '@binnacle/store'
import { expect, onTestFinished, test } from 'vitest'
import { LiveHub } from './fabric/live-fabrics.ts'
import { ManualClock } from './manual-clock.ts'
import { projectorModule } from './projector/module-url.ts'

const SCOPE = 'fabric/1'
const AT = Date.UTC(2026, 0, 5, 12)
const YEAR = 365 * 86_400_000

async function openStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-test-'))
  const store = await openSqliteStore({
    path: join(folder, 'hub.sqlite'),
    projector: projectorModule,
    keys: { current: Buffer.alloc(32, 1) },
    retention: { eventsMs: YEAR, eventsMax: 1_000_000, versionsMs: YEAR, versionsPerObject: 100 },
    now: () => AT,
  })
  onTestFinished(async () => {
    await store.control.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return store
}

const keyOf = (kind: string, name: string): ObjectKey => ({
  scope: SCOPE,
  group: kindOf(kind)?.group ?? '',
  kind,
  namespace: 'default',
  name,
})

/** The facts of a complete first listing of every kind of a lab fabric. */
function listingOf(objects: readonly ResourceDocument[]): Fact[] {
  const kinds = new Map<string, ResourceDocument[]>()
  for (const object of objects) kinds.set(String(object['kind']), [...(kinds.get(String(object['kind'])) ?? []), object])
  return [...kinds].flatMap(([kind, members]): Fact[] => {
    const phase = { fact: 'listing', scope: SCOPE, group: kindOf(kind)?.group ?? '', kind, listing: kind, observedAt: AT } as const
    return [
      { ...phase, phase: 'begin', reason: 'start' },
      ...members.map((object): Fact => {
        const metadata = { ...(object['metadata'] as Record<string, unknown>), generation: 1 }
        const document = JSON.stringify(cutObject(`${kind}.${kindOf(kind)?.group}`, { ...object, metadata }).document)
        const name = (object['metadata'] as { name: string }).name
        return { fact: 'put', key: keyOf(kind, name), uid: `${kind}/${name}`, version: '1', document, observedAt: AT, listing: kind }
      }),
      { ...phase, phase: 'end', count: members.length, version: '1' },
    ]
  })
}

async function statuses(
  store: Store,
  names: readonly (readonly [kind: string, name: string])[],
): Promise<Map<string, DerivedStatus | null>> {
  const found = new Map<string, DerivedStatus | null>()
  for (const [kind, name] of names) found.set(`${kind}/${name}`, (await store.inventory.get(keyOf(kind, name))).object?.derived ?? null)
  return found
}

async function eventually(what: string, look: () => Promise<readonly string[]>): Promise<void> {
  const end = performance.now() + 15_000
  for (;;) {
    const wrong = await look()
    if (wrong.length === 0) return
    if (performance.now() > end) throw new Error(`${what}: ${wrong.join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('[HB4] a heard fabric is healthy in the real store; what stands on a switch that falls silent is unknown until it is back', async () => {
  const store = await openStore()
  const clock = new ManualClock()
  const live = new LiveHub({
    clock,
    sink: store.facts,
    onError: (error) => {
      throw error
    },
  })
  const observer = live.register(1, { heartbeatDeadlineMs: 60_000 })
  const { objects } = meshFabric()
  const all = objects.map((object) => [object.kind, object.metadata.name ?? ''] as const).filter(([kind]) => derivesStatus(kind))
  const leaves = all.filter(([kind]) => kind === 'Agent').map(([, name]) => name)
  await store.facts.write(listingOf(objects))
  const beat = (names: readonly string[], when: number): void => {
    for (const name of names) observer.volatile(keyOf('Agent', name), { heartbeat: new Date(AT + when).toISOString() }, clock.now())
  }
  const troubled = async (): Promise<string[]> =>
    [...(await statuses(store, all))].flatMap(([id, status]) => (status?.health === 'healthy' ? [] : [`${id} ${status?.text ?? 'none'}`]))
  beat(leaves, 0)
  beat(leaves, 15_000)
  await eventually('everything healthy', troubled)

  const others = leaves.slice(1)
  const silent = leaves[0] ?? ''
  for (let when = 30_000; when <= 120_000; when += 15_000) {
    clock.pass(15_000)
    beat(others, when)
  }
  const expected = [
    `Switch/${silent}`,
    ...all.filter(([kind, name]) => kind === 'Connection' && name.includes(silent)).map(([kind, name]) => `${kind}/${name}`),
  ]
  await eventually('what stands on it unknown', async () => {
    const now = await statuses(store, all)
    return expected.filter((id) => now.get(id)?.health !== 'unknown')
  })
  const now = await statuses(store, all)
  expect(now.get(`Switch/${silent}`)?.text).toContain(`${silent} is silent since`)
  expect(now.get(`Switch/${others[1]}`)?.health).toBe('healthy')

  beat([silent], 200_000)
  await eventually('everything healthy again', troubled)
  const { epoch } = store.log.state()
  const page = await store.log.read({ epoch, seq: 0 }, { filter: { types: ['switch_health_changed'] } }, { limit: 100 })
  const told = page.lost === undefined ? page.entries.map(({ text }) => JSON.parse(text) as BinnacleEvent) : []
  const healths = told.filter(({ subject }) => subject?.name === silent).map(({ data }) => (data['after'] as DerivedStatus).health)
  expect(healths.slice(-3)).toEqual(['healthy', 'unknown', 'healthy'])
  live.close()
})

test('[HB14] "there is none" is said only once the kind was listed: a VPC waits for the attachments, whichever comes first', async () => {
  const vpc = { kind: 'VPC', metadata: { name: 'vpc-1' }, spec: { ipv4Namespace: 'default', subnets: { front: { vlan: 1001 } } } }
  const peering = { kind: 'VPCPeering', metadata: { name: 'one--two' }, spec: { permit: [{ 'vpc-1': {}, 'vpc-2': {} }] } }
  const empty = (kind: string): Fact[] => {
    const phase = { fact: 'listing', scope: SCOPE, group: kindOf(kind)?.group ?? '', kind, listing: kind, observedAt: AT } as const
    return [
      { ...phase, phase: 'begin', reason: 'start' },
      { ...phase, phase: 'end', count: 0, version: '1' },
    ]
  }
  const told = async (store: Store): Promise<string[]> => {
    const found = await statuses(store, [
      ['VPC', 'vpc-1'],
      ['VPCPeering', 'one--two'],
    ])
    return [...found.values()].map((status) => `${status?.status ?? 'none'}: ${status?.text ?? ''}`)
  }
  const late = await openStore()
  await late.facts.write(listingOf([peering]))
  expect((await told(late))[1]).toMatch(/^unknown: .*VPC vpc-1 is not listed yet/)
  await late.facts.write(listingOf([vpc]))
  expect(await told(late)).toEqual(['unknown: VPCAttachment objects are not listed yet', expect.stringMatching(/^failed|^unknown/)])
  await late.facts.write(empty('VPCAttachment'))
  const after = await told(late)
  expect(after[0]).toBe('not_deployed: no attachment brings it to a switch')
  expect(after[1]).toMatch(/^failed: .*VPC vpc-2 does not exist/)
  const early = await openStore()
  await early.facts.write([...empty('VPCAttachment'), ...listingOf([peering]), ...listingOf([vpc])])
  expect(await told(early)).toEqual(after)
})
