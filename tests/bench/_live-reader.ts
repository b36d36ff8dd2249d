// The SDK on the real WebSocket, as a browser's page has it. Notes when its callback saw each resourceVersion.
import { createBinnacleClient } from '@binnacle/client'
import { preciseNow } from './_statistics.ts'

const { url, token } = JSON.parse(process.argv[2] ?? '{}') as { readonly url: string; readonly token: string }
const arrived: Record<string, number> = {}
const observedToCallback: number[] = []
const cpu = process.cpuUsage()
const client = createBinnacleClient({ url, token: () => Promise.resolve(token), name: 'bench' })
client.subscribe({ filter: { scopes: ['fabric/1'], kinds: ['VPC'], types: ['cr_*'] } }, (message) => {
  if (message.type === 'caught_up' || message.type === 'subscribed') process.stdout.write('{"ready":true}\n')
  if (message.type === 'refused' || message.type === 'lost') throw new Error(`the subscription was ${message.type}`)
  if (message.type !== 'events') return
  const now = preciseNow()
  for (const event of message.events) {
    const version = (event.data as { resource_version?: unknown }).resource_version
    if (typeof version !== 'string') continue
    arrived[version] = now
    observedToCallback.push(now - Date.parse(event.metadata.observed_at))
  }
})
process.stdin.resume().once('end', () => {
  const { user, system } = process.cpuUsage(cpu)
  const { duplicates, gaps, lost } = client.stats()
  client.close()
  const result = { arrived, observedToCallback, cpuMs: (user + system) / 1_000, duplicates, gaps, lost }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
})
