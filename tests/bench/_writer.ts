// Changes objects of the lab at a steady pace and notes when each change was sent, by the resourceVersion it got.
import { Agent, request } from 'undici'
import type { LabAccess } from './_children.ts'
import { preciseNow } from './_statistics.ts'

interface Argument extends LabAccess {
  readonly path: string
  readonly names: readonly string[]
  readonly perSecond: number
  readonly seconds: number
}

const { server, ca, token, path, names, perSecond, seconds } = JSON.parse(process.argv[2] ?? '{}') as Argument
const agent = new Agent({ connect: { ca }, connections: 16, pipelining: 1 })
const headers = {
  authorization: `Bearer ${token}`,
  accept: 'application/json',
  'content-type': 'application/merge-patch+json',
}
const sent: Record<string, number> = {}
let failed = 0

async function change(number: number): Promise<void> {
  const at = preciseNow()
  const body = JSON.stringify({ metadata: { annotations: { 'bench.binnacle/sent': String(at) } } })
  const answer = await request(`${server}${path}/${names[number % names.length]}`, { dispatcher: agent, method: 'PATCH', headers, body })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) failed += 1
  else sent[(JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion] = at
}

const total = perSecond * seconds
const begun = performance.now()
const under: Promise<void>[] = []
while (under.length < total) {
  // Due by now, not "one per timer": a late timer must not lower the pace.
  const due = Math.min(total, Math.floor(((performance.now() - begun) / 1_000) * perSecond))
  while (under.length < due) under.push(change(under.length))
  await new Promise((resolve) => setTimeout(resolve, 2))
}
await Promise.all(under)
const wallMs = performance.now() - begun
process.stdout.write(`${JSON.stringify({ sent, failed, wallMs })}\n`, () => process.exit(0))
