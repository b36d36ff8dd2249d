import type { ProjectorReader, PutFact, StoredObject } from '@binnacle/protocol'
import { expect, test } from 'vitest'
import { changedPaths } from './changed-paths.ts'
import { createProjector } from './create-projector.ts'

const projector = createProjector()

function put(kind: string, document: unknown): PutFact {
  const group = kind === 'Agent' ? 'agent.githedgehog.com' : 'vpc.githedgehog.com'
  const key = { scope: 'fabric/1', group, kind, namespace: 'default', name: 'x' } as const
  return {
    fact: 'put',
    key,
    uid: 'u',
    version: '7',
    document: typeof document === 'string' ? document : JSON.stringify(document),
    observedAt: 1,
  }
}

const stored = (fact: PutFact): StoredObject => ({
  ...fact,
  hash: '',
  row: {},
  derived: null,
  signals: {},
})

const vpc = (subnets: object, more: object = {}) => ({ metadata: { name: 'x', generation: 3 }, spec: { subnets, ...more } })

test('[HB1] a new object is told with its columns, a changed one with the pointers of what changed', () => {
  const first = put('VPC', vpc({ front: { subnet: '10.0.1.0/24', vlan: 1001 } }))
  const created = projector.put(first, undefined, false)
  expect(created.events).toMatchObject([{ event_type: 'cr_created', data: { generation: 3, resource_version: '7', row: created.row } }])
  expect(created.events[0]?.data).not.toHaveProperty('changed')
  const second = put(
    'VPC',
    vpc({ front: { subnet: '10.0.1.0/24', vlan: 1002 }, 'a/b~c': { subnet: '10.0.2.0/24' } }, { permit: [['front']] }),
  )
  const updated = projector.put(second, stored(first), true)
  expect(updated.events[0]).toMatchObject({ event_type: 'cr_updated', catchUp: true })
  expect(updated.events[0]?.data['changed']).toEqual(['/spec/subnets/front/vlan', '/spec/subnets/a~1b~0c', '/spec/permit'])
  expect(projector.gone(stored(second), undefined, 5, true)).toMatchObject([{ event_type: 'cr_deleted', observedAt: 5 }])
})

test('[HB1] at most 50 pointers are told, then how many more; lists are compared by place', () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`k${index}`, index]))
  const paths = changedPaths({}, many)
  expect(paths).toHaveLength(51)
  expect(paths.at(-1)).toBe('… and 30 more')
  expect(changedPaths({ list: [1, 2, 3] }, { list: [1, 9] })).toEqual(['/list/1', '/list/2'])
  expect(changedPaths({ a: null, b: 1 }, { a: {} })).toEqual(['/a', '/b'])
  expect(changedPaths({ a: 1 }, { a: 1 })).toEqual([])
  expect(changedPaths({}, { ['long'.repeat(1_000)]: 1 })[0]?.length).toBeLessThan(210)
})

const deep = (levels: number, inner: string): string => `${'{"a":'.repeat(levels)}${inner}${'}'.repeat(levels)}`
const HOSTILE: Readonly<Record<string, string>> = {
  'inherited names':
    '{"__proto__":{"polluted":true},"constructor":1,"metadata":{"labels":{"__proto__":"x"},"generation":"no"},"spec":{"subnets":{"__proto__":{"vlan":1},"toString":null}}}',
  'wrong types': '{"metadata":[],"spec":"text","status":7}',
  empty: '{}',
  nulls: '{"metadata":null,"spec":null,"status":null}',
  'three million bytes': JSON.stringify({
    metadata: { name: 'x' },
    spec: {
      subnets: Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`subnet-number-${index}`, { subnet: 'x'.repeat(20) }])),
    },
  }),
  'deep nesting': `{"spec":${deep(40_000, '1')}}`,
}

test.each(Object.keys(HOSTILE))('[HB2] a hostile document is projected into a bounded event: %s', (name) => {
  const text = HOSTILE[name] ?? ''
  const nothing: ProjectorReader = { get: () => undefined, referrers: () => [], countReferrers: () => 0, listed: () => true }
  for (const kind of ['VPC', 'Agent', 'Connection', 'Unheard']) {
    const fact = put(kind, text)
    const before = stored(put(kind, name === 'deep nesting' ? `{"spec":${deep(40_000, '2')}}` : vpc({})))
    for (const old of [undefined, before]) {
      const { events, row, references } = projector.put(fact, old, false)
      expect(events).toHaveLength(1)
      expect(Buffer.byteLength(JSON.stringify(row))).toBeLessThanOrEqual(1_024)
      expect(Buffer.byteLength(JSON.stringify(events[0]))).toBeLessThan(16 * 1_024)
      expect(Array.isArray(references)).toBe(true)
    }
    projector.derive(stored(fact), nothing)
    projector.affected(stored(fact), nothing)
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('[HB3] a changed report of a switch carries what happened to it', () => {
  const agent = (oper: string, state: string, applied: number, boot: string) => ({
    metadata: { name: 'x', generation: 2 },
    status: {
      bootID: boot,
      lastAppliedGen: applied,
      state: { interfaces: { 'E1/1': { oper } }, bgpNeighbors: { default: { '10.0.0.1': { enabled: true, state } } } },
    },
  })
  const before = put('Agent', agent('up', 'established', 1, 'b1'))
  const { events } = projector.put(put('Agent', agent('down', 'active', 2, 'b2')), stored(before), false)
  const types = ((events[0]?.data['transitions'] ?? []) as { type: string }[]).map(({ type }) => type)
  expect(types.toSorted()).toEqual(['applied', 'bgp_down', 'link_down', 'rebooted'])
})
