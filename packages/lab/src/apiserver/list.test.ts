import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLabServer, type LabServer } from './lab-server.ts'
import { ProtocolClient } from './protocol-client.ts'
import { ALL_GADGETS, gadget, GADGET_KEY, GADGET_PATH, GADGETS } from './test-crd.ts'
import { objectOr, text, type JsonObject } from './json.ts'

let server: LabServer
let client: ProtocolClient
beforeAll(async () => {
  server = await startLabServer({ crds: [GADGETS], watch: { freshWaitMs: 50 } })
  client = new ProtocolClient(server)
  server.control.seed(['d', 'b', 'a', 'c', 'e'].map((name, i) => gadget(name, { size: i + 1 }, { labels: { odd: String(i % 2) } })))
})
afterAll(async () => {
  client.close()
  await server.close()
})

const names = (body: JsonObject): unknown[] => (body.items as JsonObject[]).map((item) => objectOr(item.metadata).name)
const meta = (body: JsonObject): JsonObject => objectOr(body.metadata)

test('[LA4] pages follow each other in order and show one state, whatever is written meanwhile', async () => {
  const first = await client.get(`${ALL_GADGETS}?limit=2`)
  expect(names(first.body)).toEqual(['a', 'b'])
  expect(meta(first.body).remainingItemCount).toBe(3)
  const version = meta(first.body).resourceVersion
  await client.send('DELETE', `${GADGET_PATH}/d`)
  await client.send('POST', GADGET_PATH, { body: gadget('cc') })
  const second = await client.get(`${ALL_GADGETS}?limit=2&continue=${text(meta(first.body).continue)}`)
  expect(names(second.body)).toEqual(['c', 'd'])
  expect(meta(second.body).resourceVersion).toBe(version)
  const third = await client.get(`${ALL_GADGETS}?limit=2&continue=${text(meta(second.body).continue)}`)
  expect(names(third.body)).toEqual(['e'])
  expect(meta(third.body).continue).toBe('')
  expect(names((await client.get(ALL_GADGETS)).body)).toEqual(['a', 'b', 'c', 'cc', 'e'])
  server.control.compact(GADGET_KEY)
  const late = await client.get(`${ALL_GADGETS}?limit=2&continue=${text(meta(first.body).continue)}`)
  expect([late.status, late.body.reason]).toEqual([410, 'Expired'])
  expect((await client.get(`${ALL_GADGETS}?limit=2&continue=nonsense`)).status).toBe(400)
  expect(names((await client.get(`${ALL_GADGETS}?limit=2&resourceVersion=0`)).body)).toHaveLength(5)
})

test('[LA4] the bytes of a list are those real servers write: sorted keys, metadata last', async () => {
  const { text } = await client.get(`${ALL_GADGETS}?limit=1`)
  expect(text).toMatch(
    /^\{"apiVersion":"lab.example\/v1","items":\[\{"apiVersion":"lab.example\/v1","kind":"Gadget","metadata":\{.*\],"kind":"GadgetList","metadata":\{/,
  )
})

test('[LA5] an exact old version shows the past; a version ahead gets 504', async () => {
  const before = await client.get(ALL_GADGETS)
  const version = text(meta(before.body).resourceVersion)
  await client.send('POST', GADGET_PATH, { body: gadget('later') })
  await client.send('PATCH', `${GADGET_PATH}/a`, { type: 'application/merge-patch+json', body: { spec: { size: 9 } } })
  const past = await client.get(`${ALL_GADGETS}?resourceVersion=${version}&resourceVersionMatch=Exact`)
  expect(past.body).toEqual(before.body)
  const now = await client.get(`${ALL_GADGETS}?resourceVersion=${version}&resourceVersionMatch=NotOlderThan`)
  expect(names(now.body)).toContain('later')
  const ahead = await client.get(`${ALL_GADGETS}?resourceVersion=${server.store.clock.revision + 50}`)
  expect([ahead.status, ahead.headers['retry-after'], objectOr(ahead.body.details).retryAfterSeconds]).toEqual([504, '1', 1])
  expect((objectOr(ahead.body.details).causes as JsonObject[])[0]?.reason).toBe('ResourceVersionTooLarge')
  expect((await client.get(`${ALL_GADGETS}?resourceVersionMatch=Exact`)).status).toBe(422)
  expect((await client.get(`${ALL_GADGETS}?resourceVersion=x`)).status).toBe(400)
})

test('[LA6] selectors choose by labels and by name', async () => {
  const listed = async (query: string): Promise<unknown[]> => names((await client.get(`${ALL_GADGETS}?${query}`)).body)
  expect(await listed('labelSelector=odd%3D1')).toEqual(['b', 'c'])
  expect(await listed('labelSelector=odd')).toEqual(['a', 'b', 'c', 'e'])
  expect(await listed('labelSelector=odd%20in%20(0,7),odd!%3D1')).toEqual(['a', 'e'])
  expect(await listed('labelSelector=!odd')).not.toContain('a')
  expect(await listed('fieldSelector=metadata.name%3Db')).toEqual(['b'])
  expect((await client.get(`${ALL_GADGETS}?fieldSelector=spec.size%3D1`)).status).toBe(400)
  expect(names((await client.get('/apis/lab.example/v1/namespaces/kube-system/gadgets')).body)).toEqual([])
})

test('[LA12] a table has the printer columns and typed cells', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const { body } = await client.get(`${GADGET_PATH}/b`, { accept })
  expect((body.columnDefinitions as JsonObject[]).map(({ name, type, priority }) => [name, type, priority])).toEqual([
    ['Name', 'string', 0],
    ['Role', 'string', 0],
    ['Size', 'integer', 0],
    ['Parts', 'string', 1],
    ['Age', 'date', 0],
  ])
  const [row] = body.rows as JsonObject[]
  expect(row?.cells).toEqual(['b', 'leaf', 2, null, expect.stringMatching(/^\d+s$/)])
  expect(objectOr(row?.object).kind).toBe('PartialObjectMetadata')
  const listed = await client.get(ALL_GADGETS, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' })
  expect(listed.body.kind).toBe('PartialObjectMetadataList')
  expect(listed.text).not.toContain('"spec"')
  expect((await client.get(ALL_GADGETS, { accept: 'text/html' })).status).toBe(406)
})
