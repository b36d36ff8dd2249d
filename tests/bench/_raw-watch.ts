// A raw watch: undici and JSON.parse. Notes when each resourceVersion arrived; tells it all when standard input ends.
import { Agent, request } from 'undici'
import type { LabAccess } from './_children.ts'
import { preciseNow } from './_statistics.ts'

const { server, ca, token, path, from } = JSON.parse(process.argv[2] ?? '{}') as LabAccess & {
  readonly path: string
  readonly from: string
}
const agent = new Agent({ connect: { ca }, headersTimeout: 0, bodyTimeout: 0 })
const { statusCode, body } = await request(`${server}${path}?watch=1&allowWatchBookmarks=true&resourceVersion=${from}`, {
  dispatcher: agent,
  headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
})
if (statusCode !== 200) throw new Error(`the watch was answered with ${statusCode}`)
const arrived: Record<string, number> = {}
const tell = (): void => {
  const { user, system } = process.cpuUsage(cpu)
  process.stdout.write(`${JSON.stringify({ arrived, cpuMs: (user + system) / 1_000 })}\n`, () => process.exit(0))
}
process.stdin.resume().once('end', tell)
process.stdout.write('{"ready":true}\n')
const cpu = process.cpuUsage()
let rest: Buffer[] = []
for await (const chunk of body as AsyncIterable<Buffer>) {
  let start = 0
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
    const last = chunk.subarray(start, end)
    const line = rest.length === 0 ? last : Buffer.concat([...rest, last])
    rest = []
    start = end + 1
    const event = JSON.parse(line.toString('utf8')) as { type: string; object: { metadata: { resourceVersion: string } } }
    if (event.type !== 'BOOKMARK') arrived[event.object.metadata.resourceVersion] = preciseNow()
  }
  if (start < chunk.length) rest.push(chunk.subarray(start))
}
