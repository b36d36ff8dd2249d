import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVENT_TYPES, isEventType } from './event-types.ts'
import { canonicalFilter, filterMatches, filterSchema, type EventHead, type Filter } from './filter.ts'
import { scopeMatches, scopePattern, scopeText } from './scope.ts'

const event = (change: Partial<EventHead> = {}): EventHead => ({
  seq: 1,
  eventType: 'cr_updated',
  scope: 'fabric/11',
  kind: 'VPC',
  name: 'vpc-1',
  ...change,
})

test('[PR5] absent lists mean all; each list narrows', () => {
  expect(filterMatches({}, event())).toBe(true)
  expect(filterMatches({ scopes: ['fabric/11'], types: ['cr_*'], kinds: ['VPC'], names: ['vpc-1'], min_priority: 'normal' }, event())).toBe(
    true,
  )
  expect(filterMatches({ scopes: ['fabric/1'] }, event())).toBe(false)
  expect(filterMatches({ types: ['cr_created'] }, event())).toBe(false)
  expect(filterMatches({ kinds: ['VPC'] }, event({ kind: null }))).toBe(false)
  expect(filterMatches({ names: ['vpc-2'] }, event())).toBe(false)
  expect(filterMatches({ min_priority: 'high' }, event())).toBe(false)
})

test('[PR5] a scope pattern covers exactly its scopes: fabric/1 is not fabric/11', () => {
  expect(scopeMatches('fabric/*', 'fabric/11')).toBe(true)
  expect(scopeMatches('*', 'system')).toBe(true)
  expect(scopeMatches('fabric/1', 'fabric/11')).toBe(false)
  expect(scopeMatches('dns/*', 'fabric/11')).toBe(false)
  expect(scopePattern.safeParse('fab*').success).toBe(false)
  expect(scopeText.safeParse('fabric/0').success).toBe(false)
})

test.each([
  { kinds: [''] },
  { types: ['nothing'] },
  { types: ['zz_*'] },
  { scopes: ['fabric/x'] },
  { unknown: [] },
  { names: Array.from({ length: 201 }, () => 'x') },
])('[PR6] %j is refused', (filter) => {
  expect(filterSchema.safeParse(filter).success).toBe(false)
})

const anyType = fc.constantFrom(...Object.keys(EVENT_TYPES).filter(isEventType))
const anyEvent = fc.record({
  seq: fc.nat(),
  eventType: anyType,
  scope: fc.constantFrom('fabric/1', 'fabric/11', 'dns/ns1', 'system'),
  kind: fc.constantFrom('VPC', 'Switch', null),
  name: fc.constantFrom('a', 'b', null),
})
const anyFilter: fc.Arbitrary<Filter> = fc.record(
  {
    scopes: fc.array(fc.constantFrom('fabric/1', 'fabric/*', 'system', '*'), { maxLength: 3 }),
    types: fc.array(fc.oneof(anyType, fc.constantFrom('cr_*', 'agent_*', '*')), { maxLength: 3 }),
    kinds: fc.array(fc.constantFrom('VPC', 'Switch'), { maxLength: 3 }),
    names: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }),
    min_priority: fc.constantFrom('low', 'normal', 'high', 'critical'),
  },
  { requiredKeys: [] },
)

test('[PR7] the canonical filter means the same and is a fixed point', () => {
  fc.assert(
    fc.property(anyFilter, anyEvent, (filter, head) => {
      const canonical = canonicalFilter(filter)
      expect(filterMatches(canonical, head)).toBe(filterMatches(filter, head))
      expect(canonicalFilter(canonical)).toEqual(canonical)
    }),
  )
})

test('[PR7] order and duplicates do not matter', () => {
  expect(JSON.stringify(canonicalFilter({ kinds: ['VPC', 'Switch', 'VPC'], scopes: ['*'] }))).toBe(
    JSON.stringify(canonicalFilter({ kinds: ['Switch', 'VPC'] })),
  )
})
