// A raw reader: undici and JSON.parse, nothing kept but a count. What everything else is compared with.
import { Agent, request } from 'undici'
import type { LabAccess } from './_children.ts'

interface Argument extends LabAccess {
  readonly path: string
  readonly method: 'watch_list' | 'list'
}

const { server, ca, token, path, method } = JSON.parse(process.argv[2] ?? '{}') as Argument
const agent = new Agent({ connect: { ca }, headersTimeout: 0, bodyTimeout: 0 })
const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }

async function watchList(): Promise<number> {
  const query = 'watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion='
  const { statusCode, body } = await request(`${server}${path}?${query}`, { dispatcher: agent, headers })
  if (statusCode !== 200) throw new Error(`the watch was answered with ${statusCode}`)
  let objects = 0
  let rest: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const last = chunk.subarray(start, end)
      const line = rest.length === 0 ? last : Buffer.concat([...rest, last])
      rest = []
      start = end + 1
      const event = JSON.parse(line.toString('utf8')) as { type: string }
      if (event.type === 'BOOKMARK') return objects
      objects += 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  throw new Error('the watch ended before its initial events did')
}

async function list(): Promise<number> {
  const { statusCode, body } = await request(`${server}${path}?resourceVersion=0`, { dispatcher: agent, headers })
  if (statusCode !== 200) throw new Error(`the list was answered with ${statusCode}`)
  return (JSON.parse(await body.text()) as { items: unknown[] }).items.length
}

const cpu = process.cpuUsage()
const begun = performance.now()
const objects = await (method === 'list' ? list() : watchList())
const wallMs = performance.now() - begun
const { user, system } = process.cpuUsage(cpu)
const { maxRSS } = process.resourceUsage()
process.stdout.write(`${JSON.stringify({ objects, wallMs, cpuMs: (user + system) / 1_000, rssMib: maxRSS / 1_024 })}\n`, () =>
  process.exit(0),
)
