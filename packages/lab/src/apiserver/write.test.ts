import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startLabServer, type LabServer } from './lab-server.ts'
import { ProtocolClient, type ProtocolAnswer } from './protocol-client.ts'
import { ALL_GADGETS, gadget, GADGET_KEY, GADGET_PATH, GADGETS } from './test-crd.ts'
import { objectOr, text, type Json, type JsonObject } from './json.ts'

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
  for (const stored of server.store.resource(GADGET_KEY).list()) server.control.remove(GADGET_KEY, stored.namespace, stored.name)
})

const create = (body: JsonObject, query = ''): Promise<ProtocolAnswer> => client.send('POST', `${GADGET_PATH}${query}`, { body })
const patch = (name: string, body: Json, type = 'application/merge-patch+json', query = ''): Promise<ProtocolAnswer> =>
  client.send('PATCH', `${GADGET_PATH}/${name}${query}`, { body, type })
const meta = (answer: ProtocolAnswer): JsonObject => objectOr(answer.body.metadata)
const spec = (answer: ProtocolAnswer): JsonObject => objectOr(answer.body.spec)
const causes = (answer: ProtocolAnswer): JsonObject[] => objectOr(answer.body.details).causes as JsonObject[]

test('[LA13] create sets what the server owns and refuses taken and malformed names', async () => {
  const made = await create(gadget('a', {}, { uid: 'mine', generation: 7 }))
  expect(made.status).toBe(201)
  expect(meta(made)).toMatchObject({ name: 'a', namespace: 'default', generation: 1, resourceVersion: String(server.store.clock.revision) })
  expect(meta(made).uid).toMatch(/^[0-9a-f-]{36}$/)
  expect(meta(made).creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const again = await create(gadget('a'))
  expect([again.status, again.body.reason, again.body.message]).toEqual([409, 'AlreadyExists', 'gadgets.lab.example "a" already exists'])
  const generated = await create({ ...gadget(''), metadata: { generateName: 'g-' } })
  expect(meta(generated).name).toMatch(/^g-[0-9a-f]{5}$/)
  const bad = await create(gadget('Not_Good'))
  expect([bad.status, causes(bad)[0]?.field]).toEqual([422, 'metadata.name'])
  expect((await create(gadget('b', {}, { namespace: 'other' }))).status).toBe(400)
  const nowhere = await client.send('POST', '/apis/lab.example/v1/namespaces/nowhere/gadgets', { body: gadget('a') })
  expect([nowhere.status, nowhere.body.message]).toEqual([404, 'namespaces "nowhere" not found'])
})

test('[LA13] a body may be YAML, and one of another kind is refused', async () => {
  const yaml = 'apiVersion: lab.example/v1\nkind: Gadget\nmetadata: {name: y}\nspec: {role: spine}\n'
  const made = await client.send('POST', GADGET_PATH, { body: yaml, type: 'application/yaml' })
  expect([made.status, spec(made).role]).toEqual([201, 'spine'])
  expect((await create({ ...gadget('z'), kind: 'Widget' })).status).toBe(400)
  expect((await client.send('POST', GADGET_PATH, { body: '{"a":', type: 'application/json' })).status).toBe(400)
  expect((await client.send('POST', GADGET_PATH, { body: 'x', type: 'text/plain' })).status).toBe(415)
})

test('[LA14] an old version or another uid is a conflict; writing the same again makes no version', async () => {
  const made = await create(gadget('a'))
  const put = (body: JsonObject): Promise<ProtocolAnswer> => client.send('PUT', `${GADGET_PATH}/a`, { body })
  const changed = await put({ ...made.body, spec: { ...spec(made), size: 8 } })
  expect([changed.status, meta(changed).generation]).toEqual([200, 2])
  const stale = await put({ ...made.body, spec: { ...spec(made), size: 9 } })
  expect([stale.status, stale.body.reason]).toEqual([409, 'Conflict'])
  expect(stale.body.message).toContain('the object has been modified; please apply your changes to the latest version and try again')
  expect((await put({ ...changed.body, metadata: { ...meta(changed), uid: 'another' } })).status).toBe(409)
  expect((await put({ ...changed.body, metadata: { name: 'a' } })).status).toBe(422)
  const same = await put(changed.body)
  expect(meta(same).resourceVersion).toBe(meta(changed).resourceVersion)
  expect((await patch('none', {})).status).toBe(404)
})

test('[LA15] generation counts spec changes; status and the rest are written on paths of their own', async () => {
  const made = await create({ ...gadget('a'), status: { phase: 'forged' } })
  expect(made.body.status).toBeUndefined()
  expect(meta(await patch('a', { metadata: { labels: { x: 'y' } } })).generation).toBe(1)
  const main = await patch('a', { status: { phase: 'forged' }, spec: { size: 5 } })
  expect([main.body.status, meta(main).generation]).toEqual([undefined, 2])
  const status = await client.send('PATCH', `${GADGET_PATH}/a/status`, {
    type: 'application/merge-patch+json',
    body: { status: { phase: 'up' }, spec: { size: 9 }, metadata: { labels: { x: 'z' } } },
  })
  expect([status.body.status, spec(status).size, meta(status).generation, meta(status).labels]).toEqual([{ phase: 'up' }, 5, 2, { x: 'y' }])
})

test('[LA16] merge and JSON patches follow their RFCs; strategic merge patches are not for custom resources', async () => {
  await create(gadget('a', { parts: { web: { vlan: 1 }, db: { vlan: 2 } }, atomics: ['x', 'y'] }))
  expect(spec(await patch('a', { spec: { parts: { web: null, app: { vlan: 3 } }, atomics: ['z'] } }))).toMatchObject({
    parts: { db: { vlan: 2 }, app: { vlan: 3 } },
    atomics: ['z'],
  })
  const json = 'application/json-patch+json'
  const patched = await patch(
    'a',
    [
      { op: 'test', path: '/spec/size', value: 3 },
      { op: 'add', path: '/spec/atomics/-', value: 'w' },
      { op: 'move', from: '/spec/parts/app', path: '/spec/parts/a~1b' },
      { op: 'remove', path: '/spec/parts/db' },
    ],
    json,
  )
  expect(spec(patched)).toMatchObject({ atomics: ['z', 'w'], parts: { 'a/b': { vlan: 3 } } })
  expect((await patch('a', [{ op: 'test', path: '/spec/size', value: 4 }], json)).status).toBe(422)
  expect((await patch('a', [{ op: 'remove', path: '/spec/none' }], json)).status).toBe(422)
  expect((await patch('a', { not: 'a list' }, json)).status).toBe(400)
  const strategic = await patch('a', {}, 'application/strategic-merge-patch+json')
  expect([strategic.status, strategic.body.reason]).toEqual([415, 'UnsupportedMediaType'])
})

test('[LA19] finalizers hold an object; preconditions of a delete are honoured', async () => {
  const made = await create(gadget('a', {}, { finalizers: ['lab.example/hold'] }))
  const wrong = await client.send('DELETE', `${GADGET_PATH}/a`, { body: { preconditions: { uid: 'another' } } })
  expect(wrong.status).toBe(409)
  const held = await client.send('DELETE', `${GADGET_PATH}/a`, { body: { preconditions: { uid: text(meta(made).uid) } } })
  expect([held.status, held.body.kind]).toEqual([200, 'Gadget'])
  expect(meta(held).deletionTimestamp).toBeDefined()
  expect((await client.get(`${GADGET_PATH}/a`)).status).toBe(200)
  await patch('a', { metadata: { finalizers: null } })
  expect((await client.get(`${GADGET_PATH}/a`)).status).toBe(404)
  await create(gadget('b', {}, { labels: { group: '1' } }))
  await create(gadget('c'))
  const gone = await client.send('DELETE', `${GADGET_PATH}?labelSelector=group%3D1`)
  expect((gone.body.items as JsonObject[]).map((item) => objectOr(item.metadata).name)).toEqual(['b'])
  const one = await client.send('DELETE', `${GADGET_PATH}/c`)
  expect([one.body.status, objectOr(one.body.details).name]).toEqual(['Success', 'c'])
})

test('[LA20] a dry run answers as the write would and changes nothing', async () => {
  const before = server.store.clock.revision
  const dry = await create(gadget('a'), '?dryRun=All')
  expect([dry.status, spec(dry).size]).toEqual([201, 3])
  expect((await client.get(`${GADGET_PATH}/a`)).status).toBe(404)
  expect((await create(gadget('a', { role: 'bad' }), '?dryRun=All')).status).toBe(422)
  expect(server.store.clock.revision).toBe(before)
  await create(gadget('a'))
  const revision = server.store.clock.revision
  expect(spec(await patch('a', { spec: { size: 9 } }, 'application/merge-patch+json', '?dryRun=All')).size).toBe(9)
  expect((await client.send('DELETE', `${GADGET_PATH}/a?dryRun=All`)).status).toBe(200)
  expect((await client.send('DELETE', `${GADGET_PATH}/a`, { body: { dryRun: ['All'] } })).status).toBe(200)
  expect(spec(await client.get(`${GADGET_PATH}/a`)).size).toBe(3)
  expect(server.store.clock.revision).toBe(revision)
  expect((await create(gadget('b'), '?dryRun=Some')).status).toBe(422)
})

test('[LA21] unknown and duplicate fields: refused, warned of, or dropped', async () => {
  const text = '{"apiVersion":"lab.example/v1","kind":"Gadget","metadata":{"name":"a"},"spec":{"role":"leaf","rule":1,"size":2,"size":3}}'
  const send = (query: string, to = client): Promise<ProtocolAnswer> => to.send('POST', `${GADGET_PATH}${query}`, { body: text })
  const strict = await send('?fieldValidation=Strict&dryRun=All')
  expect([strict.status, strict.body.message]).toEqual([
    400,
    'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.rule", duplicate field "spec.size"',
  ])
  const warned = await send('?fieldValidation=Warn&dryRun=All')
  expect([warned.status, spec(warned)]).toEqual([201, { role: 'leaf', size: 3 }])
  expect(warned.headers.warning).toContain('299 - "unknown field \\"spec.rule\\""')
  expect((await send('?fieldValidation=Ignore&dryRun=All')).headers.warning).toBeUndefined()
  const old = await startLabServer({ crds: [GADGETS], mode: '1.20' })
  const oldClient = new ProtocolClient(old)
  expect((await send('?fieldValidation=Strict', oldClient)).status).toBe(201)
  oldClient.close()
  await old.close()
})

test('[LA22] the schema fills, prunes and names what is wrong', async () => {
  const made = await create(gadget('a', { parts: { web: { vlan: 1, other: 2 } }, free: { any: [1, { x: null }] }, port: 'http' }))
  expect(spec(made)).toEqual({
    role: 'leaf',
    size: 3,
    port: 'http',
    free: { any: [1, { x: null }] },
    parts: { web: { vlan: 1, mode: 'auto' } },
  })
  const wrong = await create(
    gadget('b', {
      role: 'bad',
      size: 11,
      mac: 'zz',
      port: true,
      tags: ['a', 'a'],
      atomics: ['1', '2', '3', '4'],
      parts: { x: { vlan: 'one' } },
      links: [{ speed: 1 }],
    }),
  )
  expect(wrong.status).toBe(422)
  expect(causes(wrong).map(({ field, reason }) => [field, reason])).toEqual(
    expect.arrayContaining([
      ['spec.role', 'FieldValueNotSupported'],
      ['spec.size', 'FieldValueInvalid'],
      ['spec.mac', 'FieldValueInvalid'],
      ['spec.port', 'FieldValueTypeInvalid'],
      ['spec.tags[1]', 'FieldValueDuplicate'],
      ['spec.atomics', 'FieldValueTooMany'],
      ['spec.parts[x].vlan', 'FieldValueTypeInvalid'],
      ['spec.links[0].name', 'FieldValueRequired'],
    ]),
  )
  expect(causes(wrong)).toHaveLength(8)
  expect(causes(wrong).find(({ field }) => field === 'spec.role')?.message).toBe(
    'Unsupported value: "bad": supported values: "spine", "leaf"',
  )
  const { role: _role, ...without } = objectOr(gadget('c').spec)
  expect(causes(await create({ ...gadget('c'), spec: without }))[0]).toEqual({
    reason: 'FieldValueRequired',
    message: 'Required value',
    field: 'spec.role',
  })
  expect((await client.get(ALL_GADGETS)).body.items).toHaveLength(1)
})
