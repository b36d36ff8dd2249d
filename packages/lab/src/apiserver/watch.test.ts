import { afterEach, expect, test } from 'vitest'
import { startLabServer, type LabServer, type LabServerOptions } from './lab-server.ts'
import { ProtocolClient, type WatchLine } from './protocol-client.ts'
import { ALL_GADGETS, gadget, GADGET_KEY, GADGET_PATH, GADGETS } from './test-crd.ts'
import { objectOr, text, type JsonObject } from './json.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

async function lab(options: LabServerOptions = {}): Promise<{ server: LabServer; client: ProtocolClient }> {
  const server = await startLabServer({ crds: [GADGETS], ...options, watch: { freshWaitMs: 50, ...options.watch } })
  const client = new ProtocolClient(server)
  open.push(server, client)
  return { server, client }
}

const said = (lines: readonly WatchLine[]): string[] =>
  lines.map(({ type, object }) => `${type} ${text(objectOr(object.metadata).name ?? '')}`.trim())
const WATCH_LIST = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
const merge = (body: JsonObject): { type: string; body: JsonObject } => ({ type: 'application/merge-patch+json', body })

test('[LA7] a watch without version begins with what is there; from a version it gives each later change once', async () => {
  const { server, client } = await lab()
  server.control.seed([gadget('a'), gadget('b')])
  const fresh = await client.watch(`${ALL_GADGETS}?watch=true`)
  const version = server.store.clock.revision
  await client.send('POST', GADGET_PATH, { body: gadget('c') })
  await client.send('PATCH', `${GADGET_PATH}/a`, merge({ spec: { size: 5 } }))
  await client.send('DELETE', `${GADGET_PATH}/b`)
  await fresh.until((lines) => lines.length === 5)
  expect(said(fresh.lines)).toEqual(['ADDED a', 'ADDED b', 'ADDED c', 'MODIFIED a', 'DELETED b'])
  const resumed = await client.watch(`${ALL_GADGETS}?watch=1&resourceVersion=${version}&timeoutSeconds=1`)
  expect(await resumed.ended).toBe('end')
  expect(said(resumed.lines)).toEqual(['ADDED c', 'MODIFIED a', 'DELETED b'])
  const versions = resumed.lines.map(({ object }) => Number(objectOr(object.metadata).resourceVersion))
  expect(versions).toEqual(versions.toSorted((a, b) => a - b))
})

test('[LA6] a watcher sees objects come into and leave its selection', async () => {
  const { server, client } = await lab()
  const watch = await client.watch(`${ALL_GADGETS}?watch=1&labelSelector=keep%3Dyes`)
  await client.send('POST', GADGET_PATH, { body: gadget('a') })
  await client.send('PATCH', `${GADGET_PATH}/a`, merge({ metadata: { labels: { keep: 'yes' } } }))
  await client.send('PATCH', `${GADGET_PATH}/a`, merge({ spec: { size: 7 } }))
  await client.send('PATCH', `${GADGET_PATH}/a`, merge({ metadata: { labels: { keep: 'no' } } }))
  await watch.until((lines) => lines.length === 3)
  expect(said(watch.lines)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
  // It goes as it was when it still belonged, under the version of the change that took it out.
  expect(watch.lines[2]?.object.metadata).toMatchObject({ labels: { keep: 'yes' }, resourceVersion: String(server.store.clock.revision) })
})

test('[LA8] a version older than history is an ERROR event inside a 200, or a status when so asked', async () => {
  const { server, client } = await lab({ historyLimit: 3 })
  const old = server.store.clock.revision
  server.control.seed(['a', 'b', 'c', 'd', 'e'].map((name) => gadget(name)))
  const watch = await client.watch(`${ALL_GADGETS}?watch=1&resourceVersion=${old}`)
  expect(watch.status).toBe(200)
  expect(await watch.ended).toBe('end')
  expect(watch.lines).toHaveLength(1)
  expect([watch.lines[0]?.type, watch.lines[0]?.object.code, watch.lines[0]?.object.reason]).toEqual(['ERROR', 410, 'Expired'])
  const off = server.control.fault({ type: 'watch-expired-as-status' })
  expect((await client.get(`${ALL_GADGETS}?watch=1&resourceVersion=${old}`)).status).toBe(410)
  off()
  const recent = await client.watch(`${ALL_GADGETS}?watch=1&resourceVersion=${server.store.clock.revision - 2}&timeoutSeconds=1`)
  await recent.ended
  expect(said(recent.lines)).toEqual(['ADDED d', 'ADDED e'])
})

test('[LA9] initial events end with a marked bookmark in 1.32, are refused in 1.27 and unknown in 1.20', async () => {
  const { server, client } = await lab()
  server.control.seed([gadget('a'), gadget('b')])
  const watch = await client.watch(`${ALL_GADGETS}?${WATCH_LIST}`)
  await watch.until((lines) => lines.length === 3)
  expect(watch.lines.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK'])
  const metadata = objectOr(watch.lines[2]?.object.metadata)
  expect(metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
  expect(metadata.resourceVersion).toBe(String(server.store.clock.revision))
  const ahead = await client.get(`${ALL_GADGETS}?${WATCH_LIST}&resourceVersion=${server.store.clock.revision + 9}`)
  expect(ahead.status).toBe(504)
  expect((await client.get(`${ALL_GADGETS}?watch=1&sendInitialEvents=true`)).status).toBe(422)

  const middle = await lab({ mode: '1.27' })
  const refused = await middle.client.get(`${ALL_GADGETS}?${WATCH_LIST}`)
  expect(refused.status).toBe(422)
  expect(refused.body.message).toContain('sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled')

  const old = await lab({ mode: '1.20' })
  old.server.control.seed([gadget('a')])
  const plain = await old.client.watch(`${ALL_GADGETS}?${WATCH_LIST}&timeoutSeconds=1`)
  await plain.ended
  expect(plain.lines.some(({ object }) => objectOr(object.metadata).annotations !== undefined)).toBe(false)
  expect(said(plain.lines)[0]).toBe('ADDED a')
})

test('[LA10] bookmarks come to who asked, and a timeout ends a watch cleanly', async () => {
  const { server, client } = await lab({ watch: { bookmarkMs: 40 } })
  const asked = await client.watch(`${ALL_GADGETS}?watch=1&allowWatchBookmarks=true`)
  const other = await client.watch(`${ALL_GADGETS}?watch=1`)
  await asked.until((lines) => lines.filter(({ type }) => type === 'BOOKMARK').length >= 3)
  server.control.bump(10)
  const revision = String(server.store.clock.revision)
  await asked.until((lines) => lines.some(({ object }) => objectOr(object.metadata).resourceVersion === revision))
  expect(other.lines).toEqual([])
  expect(asked.lines[0]?.object.kind).toBe('Gadget')
  server.control.timeOutWatches()
  expect([await asked.ended, await other.ended]).toEqual(['end', 'end'])
})

test('[LA10] a bookmark can be had at once, and only who asked gets it', async () => {
  const { server, client } = await lab()
  const asked = await client.watch(`${ALL_GADGETS}?watch=1&allowWatchBookmarks=true`)
  const other = await client.watch(`${ALL_GADGETS}?watch=1`)
  server.control.sendBookmarks()
  server.control.seed([gadget('a')])
  await Promise.all([asked.until((lines) => lines.length === 2), other.until((lines) => lines.length === 1)])
  expect([asked.lines.map(({ type }) => type), other.lines.map(({ type }) => type)]).toEqual([['BOOKMARK', 'ADDED'], ['ADDED']])
})

test('[LA11] a reader that does not read is cut off, and a second reader misses nothing', async () => {
  const { server, client } = await lab({ watch: { maxQueuedBytes: 64 * 1024 } })
  const slow = await client.watch(`${ALL_GADGETS}?watch=1`)
  const good = await client.watch(`${ALL_GADGETS}?watch=1`)
  slow.pause()
  const padding = 'x'.repeat(20_000)
  let written = 0
  while (server.control.counts().slowWatchers === 0 && written < 3000) {
    server.control.seed([gadget(`g-${written}`, {}, { annotations: { padding } })])
    written += 1
    // The good reader has to get its turn on this one thread.
    await good.until((lines) => lines.length === written)
  }
  expect(server.control.counts().slowWatchers).toBe(1)
  expect(server.control.watches()).toHaveLength(1)
  expect(good.lines).toHaveLength(written)
})

test('[LA12] a table watch names its columns once', async () => {
  const { server, client } = await lab()
  server.control.seed([gadget('a')])
  const watch = await client.watch(`${ALL_GADGETS}?watch=1`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  server.control.seed([gadget('b')])
  await watch.until((lines) => lines.length === 2)
  expect(watch.lines.map(({ object }) => [object.kind, (object.columnDefinitions as JsonObject[]).length])).toEqual([
    ['Table', 5],
    ['Table', 0],
  ])
})

test('[LA29] watches and lists are counted per resource and account, and are gone when clients are', async () => {
  const { server, client } = await lab()
  server.control.seed([gadget('a')])
  const watches = await Promise.all([
    client.watch(`${ALL_GADGETS}?watch=1`),
    client.watch(`${ALL_GADGETS}?watch=1`, { account: 'readonly' }),
    client.watch('/api/v1/namespaces?watch=1', { account: 'readonly' }),
  ])
  await client.get(ALL_GADGETS, { account: 'readonly' })
  const counts = server.control.counts()
  expect(counts.watchesOpen).toEqual({ [`${GADGET_KEY} admin`]: 1, [`${GADGET_KEY} readonly`]: 1, 'namespaces readonly': 1 })
  expect(counts.objects[GADGET_KEY]).toBe(1)
  expect(server.control.lists({ account: 'readonly', resource: GADGET_KEY })).toBe(1)
  expect(server.control.watches({ account: 'readonly' }).map(({ resource }) => resource)).toEqual([GADGET_KEY, 'namespaces'])
  for (const watch of watches) watch.close()
  await expect.poll(() => server.control.counts().watchesOpen).toEqual({})
  expect(server.control.counts().watchesTotal[`${GADGET_KEY} readonly`]).toBe(1)
})
