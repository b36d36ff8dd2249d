import { createBinnacleClient } from '@binnacle/client'
import { BinnacleError, formatPosition, type BinnacleEvent, type Start } from '@binnacle/protocol'
import { untilSignal } from './serve.ts'
import type { CommandConfig } from './read-config.ts'
import { visible } from '../compose/logger.ts'
import { say } from './terminal.ts'
import { withAdmin } from './with-admin.ts'

/** What is followed. */
export interface TailOptions {
  readonly from?: string
  readonly type?: readonly string[]
  readonly scope?: readonly string[]
  readonly json?: boolean
}

/** Tokens for a tail live this long. Seconds. */
const TOKEN_SECONDS = 86_400

const line = (event: BinnacleEvent): string => {
  const subject = event.subject === null ? '' : `${event.subject.kind}/${event.subject.name}`
  const changed = Array.isArray(event.data['changed']) ? ` ${(event.data['changed'] as unknown[]).join(' ')}` : ''
  // A name with a line break in it must not look like two events.
  return visible(
    `${event.timestamp}  ${formatPosition(event).padEnd(18)}  ${event.scope.padEnd(10)}  ${event.event_type.padEnd(22)}  ${subject}${changed}`,
  )
}

const startOf = (from: string | undefined): Start | undefined =>
  from === undefined ? undefined : /^\d{4}-\d{2}-\d{2}T/.test(from) ? { time: from } : from

/** `binnacle tail`: follows events of the running hub, through the same door as everybody. */
export async function tail(config: CommandConfig, options: TailOptions): Promise<void> {
  const { url, token } = await withAdmin(config, async (operations) => {
    const status = await operations.status()
    if (status.url === null) throw new BinnacleError('UNAVAILABLE', 'no hub is running on this data folder')
    const given = process.env['BINNACLE_TOKEN']
    if (given !== undefined) return { url: status.url, token: given }
    const made = await operations.createToken({
      user: 'cli-tail',
      role: 'admin',
      scope: '*',
      ttlSeconds: TOKEN_SECONDS,
      name: 'binnacle tail',
    })
    return { url: status.url, token: made.token }
  })
  const client = createBinnacleClient({ url: `${url.replace(/^http/, 'ws')}/api/v1/ws`, token: () => Promise.resolve(token) })
  const filter = {
    ...(options.type === undefined ? {} : { types: [...options.type] }),
    ...(options.scope === undefined ? {} : { scopes: [...options.scope] }),
  }
  const from = startOf(options.from)
  client.subscribe({ id: 'tail', filter, ...(from === undefined ? {} : { from }) }, (message) => {
    if (message.type === 'events') for (const event of message.events) say(options.json === true ? JSON.stringify(event) : line(event))
    else if (message.type === 'lost') process.stderr.write(`-- lost (${message.reason}): events before ${message.oldest} are not kept\n`)
  })
  client.onState(() => void process.stderr.write(`-- ${client.state().step}\n`))
  await untilSignal(async () => client.close())
}
