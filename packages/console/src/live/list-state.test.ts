import { expect, test } from 'vitest'
import type { BinnacleEvent, ResourceList, ResourceRow } from '@binnacle/protocol'
import { addPage, applyEvents, compareRows, startList } from './list-state.ts'
import type { ListView } from './list-state.ts'

const ALL: ListView = { fabric: undefined, q: undefined, status: undefined, sort: undefined }
const derived = (status: string) => ({ status, health: 'healthy' as const, text: '', from: [] })

const row = (name: string, seq: number, more: Partial<ResourceRow> = {}): ResourceRow => ({
  fabric_id: 11,
  kind: 'VPC',
  group: 'vpc.githedgehog.com',
  namespace: 'default',
  name,
  uid: `u-${name}`,
  resource_version: '1',
  created_at: null,
  changed_at: '2026-11-20T00:00:00.000Z',
  changed_at_position: `e:${seq}`,
  row: { subnets: 1 },
  status: null,
  ...more,
})

const page = (rows: readonly ResourceRow[], more: Partial<ResourceList> = {}): ResourceList => ({
  at: 'e:100',
  kind: 'VPC',
  group: 'vpc.githedgehog.com',
  plural: 'vpcs',
  total: rows.length,
  cursor: null,
  fabrics: [],
  rows: [...rows],
  ...more,
})

const event = (
  type: BinnacleEvent['event_type'],
  name: string,
  seq: number,
  data: Record<string, unknown> = {},
  fabric = 11,
): BinnacleEvent => ({
  event_type: type,
  timestamp: '2026-11-20T22:15:30.123Z',
  fabric_id: fabric,
  data,
  metadata: { source: 'kubernetes_watch', priority: 'normal', actor: null, correlation_id: null, observed_at: '2026-11-20T22:15:30.200Z' },
  id: `id-${seq}`,
  epoch: 'e',
  seq,
  scope: `fabric/${fabric}`,
  subject: { group: 'vpc.githedgehog.com', kind: 'VPC', namespace: 'default', name, uid: `u-${name}` },
})

const names = (state: { rows: readonly ResourceRow[] }) => state.rows.map((each) => each.name)

test('[CO12] a list follows creation, change and deletion in the order of its sort', () => {
  let state = startList(page([row('a', 1), row('c', 2)]))
  state = applyEvents(state, [event('cr_created', 'b', 101, { row: { subnets: 3 }, derived: derived('live') })], ALL)
  expect(names(state)).toEqual(['a', 'b', 'c'])
  expect(state.total).toBe(3)
  state = applyEvents(state, [event('cr_updated', 'a', 102, { row: { subnets: 9 }, resource_version: '7' })], ALL)
  expect(state.rows[0]).toMatchObject({ row: { subnets: 9 }, resource_version: '7', changed_at_position: 'e:102' })
  expect([...state.touched.keys()]).toEqual(['11/default/b', '11/default/a'])
  state = applyEvents(state, [event('cr_deleted', 'c', 103)], ALL)
  expect(names(state)).toEqual(['a', 'b'])
  expect(state.total).toBe(2)
})

test('[CO12] an event that the snapshot already holds changes nothing', () => {
  const state = startList(page([row('a', 99)]))
  expect(applyEvents(state, [event('cr_updated', 'a', 100, { row: { subnets: 5 } })], ALL)).toBe(state)
  const later = addPage(state, page([row('b', 150)], { at: 'e:160' }))
  expect(applyEvents(later, [event('cr_updated', 'b', 140, { row: { subnets: 5 } })], ALL)).toBe(later)
})

test('[CO12] events of other fabrics and kinds do not enter', () => {
  const state = startList(page([row('a', 1)]))
  expect(applyEvents(state, [event('cr_created', 'x', 101, {}, 12)], { ...ALL, fabric: 11 })).toBe(state)
  const other = event('cr_created', 'x', 101)
  expect(applyEvents(state, [{ ...other, subject: { kind: 'Switch', name: 'x' } }], ALL)).toBe(state)
})

test('[CO13] a row that stops fitting the status filter leaves; one that may begin to fit makes the list ask again', () => {
  const state = startList(page([row('a', 1, { status: derived('live') })]))
  const view = { ...ALL, status: 'live' }
  const left = applyEvents(state, [event('cr_status_changed', 'a', 101, { derived: derived('pending') })], view)
  expect(left.rows).toEqual([])
  expect(left.total).toBe(0)
  expect(applyEvents(state, [event('cr_status_changed', 'z', 101, { derived: derived('live') })], view).unsure).toBe(true)
})

test('[CO13] a creation that does not tell its status is shown at once, and the list asks for the rest', () => {
  const next = applyEvents(startList(page([row('a', 1)])), [event('cr_created', 'b', 101, { row: { subnets: 1 } })], ALL)
  expect(names(next)).toEqual(['a', 'b'])
  expect(next.unsure).toBe(true)
})

test('[CO13] with a search text a new row is not guessed in: the list asks again', () => {
  const state = startList(page([row('a', 1)]))
  const next = applyEvents(state, [event('cr_created', 'ab', 101)], { ...ALL, q: 'a' })
  expect(names(next)).toEqual(['a'])
  expect(next.unsure).toBe(true)
})

test('[CO12] a new row that sorts behind the loaded pages is counted but not shown yet', () => {
  const state = startList(page([row('a', 1), row('b', 2)], { cursor: 'more', total: 10 }))
  const next = applyEvents(state, [event('cr_created', 'z', 101)], ALL)
  expect(names(next)).toEqual(['a', 'b'])
  expect(next.total).toBe(11)
})

test('[CO12] a page that overlaps brings no double row and never an older one', () => {
  const state = applyEvents(
    startList(page([row('a', 1), row('b', 2)], { cursor: 'c1' })),
    [event('cr_updated', 'b', 150, { row: { subnets: 4 } })],
    ALL,
  )
  const next = addPage(state, page([row('b', 120), row('c', 3)], { at: 'e:130' }))
  expect(names(next)).toEqual(['a', 'b', 'c'])
  expect(next.rows[1]?.row).toEqual({ subnets: 4 })
})

test('[CO12] rows are ordered by column, then name; descending turns both', () => {
  const a = row('a', 1, { row: { subnets: 2 } })
  const b = row('b', 1, { row: { subnets: 2 } })
  const c = row('c', 1, { row: { subnets: 10 } })
  expect([c, b, a].sort((x, y) => compareRows(x, y, 'subnets')).map((each) => each.name)).toEqual(['a', 'b', 'c'])
  expect([a, b, c].sort((x, y) => compareRows(x, y, '-subnets')).map((each) => each.name)).toEqual(['c', 'b', 'a'])
})
