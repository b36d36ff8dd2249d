import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVENT_TYPES, passes, PRIORITIES, ROLES, type EventHead, type EventType, type Filter, type Rights } from '@binnacle/protocol'
import { effectiveFilter } from './effective-filter.ts'
import { GroupIndex } from './group-index.ts'

const scopes = ['fabric/1', 'fabric/2', 'fabric/11', 'dns/a', 'dns/b', 'runs/t', 'system']
const patterns = [...scopes, 'fabric/*', 'dns/*', 'runs/*', '*']
const types = Object.keys(EVENT_TYPES) as EventType[]
/** Names that would meet if keys were joined texts. */
const names = ['a', 'b', 'a|b', 'a,b', 'a","b', "a'b", '|', ',', '__proto__', '1']

const some = <T>(list: readonly T[], max: number) => fc.array(fc.constantFrom(...list), { maxLength: max })
const filters: fc.Arbitrary<Filter> = fc.record(
  {
    scopes: some(patterns, 3),
    types: some(['cr_*', 'fabric_*', 'agent_*', '*', 'cr_created', 'access_denied', 'sync_failed', 'threat_detected'], 3),
    kinds: some(names, 2),
    names: some(names, 3),
    min_priority: fc.constantFrom(...PRIORITIES),
  },
  { requiredKeys: [] },
)
const rights: fc.Arbitrary<Rights> = fc
  .array(fc.record({ role: fc.constantFrom(...ROLES), scope: fc.constantFrom(...patterns) }), { maxLength: 4 })
  .map((grants) => ({ user: 'u', version: 1, grants }))
const heads: fc.Arbitrary<EventHead> = fc.record({
  seq: fc.constant(1),
  eventType: fc.constantFrom(...types),
  scope: fc.constantFrom(...scopes),
  kind: fc.option(fc.constantFrom(...names)),
  name: fc.option(fc.constantFrom(...names)),
})

test('[DL7] the index finds a group for an event exactly when the plain evaluator lets the event pass', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(filters, rights), { minLength: 1, maxLength: 6 }),
      fc.array(heads, { maxLength: 12 }),
      (wanted, events) => {
        const index = new GroupIndex()
        const held = wanted.map(([filter, right]) => ({ filter, right, group: index.hold(effectiveFilter(filter, right), 0, () => false) }))
        // Half of the pairs are asked before the last group comes, so that both ways of indexing are used.
        const late = index.hold(effectiveFilter({}, { user: 'u', version: 1, grants: [{ role: 'admin', scope: '*' }] }), 0, () => false)
        for (const event of events) {
          const found = new Set(index.matching(event))
          for (const { filter, right, group } of held) expect(found.has(group)).toBe(passes(right, filter, event))
          expect(found.has(late)).toBe(true)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('[DL8] a group is shared only by readers for whom every event passes or is hidden alike', () => {
  let shared = 0
  fc.assert(
    fc.property(
      filters,
      rights,
      filters,
      rights,
      fc.boolean(),
      fc.array(heads, { minLength: 5, maxLength: 30 }),
      (f1, r1, other, r2, turn, events) => {
        // Half of the pairs ask the same in another order, so that sharing happens.
        const f2 = turn ? { ...f1, scopes: f1.scopes?.toReversed() ?? [], names: f1.names?.toReversed() ?? [] } : other
        const index = new GroupIndex()
        const one = index.hold(effectiveFilter(f1, r1), 0, () => false)
        const two = index.hold(effectiveFilter(f2, r2), 0, () => false)
        if (one !== two) return
        shared++
        for (const event of events) expect(passes(r1, f1, event)).toBe(passes(r2, f2, event))
      },
    ),
    { numRuns: 10_000 },
  )
  expect(shared).toBeGreaterThan(50)
})

test('[DL8] equal filters in another order, and rights that differ only where the filter does not look, share one group', () => {
  const index = new GroupIndex()
  const one = index.hold(
    effectiveFilter(
      { scopes: ['fabric/1', 'fabric/2'], names: ['a', 'b'] },
      { user: 'x', version: 3, grants: [{ role: 'viewer', scope: 'fabric/*' }] },
    ),
    0,
    () => false,
  )
  const two = index.hold(
    effectiveFilter(
      { names: ['b', 'a'], scopes: ['fabric/2', 'fabric/1', 'fabric/1'] },
      {
        user: 'y',
        version: 9,
        grants: [
          { role: 'admin', scope: 'dns/*' },
          { role: 'viewer', scope: 'fabric/11' },
          { role: 'viewer', scope: 'fabric/*' },
        ],
      },
    ),
    0,
    () => false,
  )
  expect(two).toBe(one)
  index.release(one)
  expect(index.size).toBe(1)
  index.release(two)
  expect(index.size).toBe(0)
})
