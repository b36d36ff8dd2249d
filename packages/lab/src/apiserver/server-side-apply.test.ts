import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startLabServer, type LabServer } from './lab-server.ts'
import { ProtocolClient, type ProtocolAnswer } from './protocol-client.ts'
import { gadget, GADGET_KEY, GADGET_PATH, GADGETS } from './test-crd.ts'
import { objectOr, type JsonObject } from './json.ts'

let server: LabServer
let client: ProtocolClient
beforeAll(async () => {
  server = await startLabServer({ crds: [GADGETS] })
  client = new ProtocolClient(server)
})
afterAll(async () => {
  client.close()
  await server.close()
})
beforeEach(() => {
  server.control.remove(GADGET_KEY, 'default', 'a')
})

function apply(manager: string, spec: JsonObject, query = '', metadata: JsonObject = {}): Promise<ProtocolAnswer> {
  const { role: _role, ...bare } = objectOr(gadget('a').spec)
  const body = { ...gadget('a', {}, metadata), spec: { ...bare, ...spec } }
  return client.send('PATCH', `${GADGET_PATH}/a?fieldManager=${manager}${query}`, { body, type: 'application/apply-patch+yaml' })
}
const spec = (answer: ProtocolAnswer): JsonObject => objectOr(answer.body.spec)
function fields(answer: ProtocolAnswer, manager: string): unknown {
  const entries = objectOr(answer.body.metadata).managedFields as JsonObject[]
  return entries.find((entry) => entry.manager === manager)?.fieldsV1
}

test('[LA17] apply creates, records owners, and is quiet when nothing changes', async () => {
  const made = await apply('one', { role: 'leaf', parts: { web: { vlan: 1 } } }, '', { labels: { app: 'x' } })
  expect(made.status).toBe(201)
  expect(fields(made, 'one')).toEqual({
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': { 'f:role': {}, 'f:parts': { 'f:web': { '.': {}, 'f:vlan': {} } } },
  })
  const again = await apply('one', { role: 'leaf', parts: { web: { vlan: 1 } } }, '', { labels: { app: 'x' } })
  expect(objectOr(again.body.metadata).resourceVersion).toBe(objectOr(made.body.metadata).resourceVersion)
  expect((await client.send('PATCH', `${GADGET_PATH}/a`, { body: gadget('a'), type: 'application/apply-patch+yaml' })).status).toBe(422)
})

test('[LA17] another owner is a conflict that names the field, unless forced; equal values are shared', async () => {
  await apply('one', { role: 'leaf', size: 4 })
  const shared = await apply('two', { role: 'leaf' })
  expect(shared.status).toBe(200)
  const refused = await apply('two', { role: 'spine', size: 5 })
  expect([refused.status, refused.body.reason]).toEqual([409, 'Conflict'])
  expect(refused.body.message).toBe('Apply failed with 2 conflicts: conflicts with "one":\n- .spec.role\n- .spec.size')
  expect(objectOr(refused.body.details).causes).toEqual([
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.role' },
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.size' },
  ])
  const forced = await apply('two', { role: 'spine' }, '&force=true')
  expect(spec(forced)).toEqual({ role: 'spine', size: 4 })
  expect(fields(forced, 'one')).toEqual({ 'f:spec': { 'f:size': {} } })
})

test('[LA17] what the applier leaves out goes, unless someone else owns it', async () => {
  await apply('one', { role: 'leaf', parts: { web: { vlan: 1 }, db: { vlan: 2 }, app: { vlan: 3 } } })
  await apply('two', { role: 'leaf', parts: { db: { vlan: 2 } } })
  await client.send('PATCH', `${GADGET_PATH}/a?fieldManager=hand`, {
    body: { spec: { parts: { app: { note: 'mine' } } } },
    type: 'application/merge-patch+json',
  })
  const left = await apply('one', { role: 'leaf', parts: {} })
  expect(spec(left).parts).toEqual({ db: { vlan: 2, mode: 'auto' }, app: { note: 'mine', mode: 'auto' } })
  await apply('two', { role: 'leaf' })
  expect(objectOr(spec(await client.get(`${GADGET_PATH}/a`)).parts).db).toBeUndefined()
})

test('[LA17] an update takes the fields it changes from the applier, and the applier is told', async () => {
  await apply('one', { role: 'leaf', size: 4 })
  const edited = await client.send('PATCH', `${GADGET_PATH}/a?fieldManager=hand`, {
    body: { spec: { size: 6 } },
    type: 'application/merge-patch+json',
  })
  expect(fields(edited, 'one')).toEqual({ 'f:spec': { 'f:role': {} } })
  expect(fields(edited, 'hand')).toEqual({ 'f:spec': { 'f:size': {} } })
  const refused = await apply('one', { role: 'leaf', size: 4 })
  expect(refused.body.message).toMatch(/^Apply failed with 1 conflict: conflict with "hand" using lab.example\/v1 at \S+Z: \.spec\.size$/)
})

test('[LA18] lists are owned whole, or by item where the schema says set or map', async () => {
  await apply('one', { role: 'leaf', atomics: ['a'], tags: ['x'], links: [{ name: 'l1', speed: 1 }] })
  const both = await apply('two', { role: 'leaf', tags: ['y'], links: [{ name: 'l2', speed: 2 }] })
  expect(spec(both)).toMatchObject({
    atomics: ['a'],
    tags: ['x', 'y'],
    links: [
      { name: 'l1', speed: 1 },
      { name: 'l2', speed: 2 },
    ],
  })
  expect(objectOr(objectOr(fields(both, 'two'))['f:spec'])['f:links']).toEqual({
    'k:{"name":"l2"}': { '.': {}, 'f:name': {}, 'f:speed': {} },
  })
  expect((await apply('two', { role: 'leaf', atomics: ['a', 'b'] })).status).toBe(409)
  const gone = await apply('two', { role: 'leaf' })
  expect(spec(gone)).toMatchObject({ tags: ['x'], links: [{ name: 'l1', speed: 1 }] })
})

test('[LA15] apply on the main path leaves status alone and does not own it; on the status path only status counts', async () => {
  const body = { ...gadget('a', { size: 4 }), status: { phase: 'up' } }
  const made = await client.send('PATCH', `${GADGET_PATH}/a?fieldManager=one`, { body, type: 'application/apply-patch+yaml' })
  expect([made.body.status, fields(made, 'one')]).toEqual([undefined, { 'f:spec': { 'f:role': {}, 'f:size': {} } }])
  const status = await client.send('PATCH', `${GADGET_PATH}/a/status?fieldManager=agent`, {
    body: { ...body, spec: { role: 'spine' } },
    type: 'application/apply-patch+yaml',
  })
  expect([status.body.status, spec(status).role, fields(status, 'agent')]).toEqual([
    { phase: 'up' },
    'leaf',
    { 'f:status': { 'f:phase': {} } },
  ])
})

test('[LA17] a first apply on an object nobody was recorded for asks before it takes fields', async () => {
  server.control.seed([gadget('a', { size: 4 })])
  const refused = await apply('one', { role: 'leaf', size: 5 })
  expect(refused.body.message).toContain('conflict with "before-first-apply" using lab.example/v1')
  expect((await apply('one', { role: 'leaf', size: 4 })).status).toBe(200)
})
