import { LIMITS, PROTOCOL_VERSION } from '@binnacle/protocol'
import { once } from 'node:events'
import type { HubProcess } from '../system/_hub-process.ts'

/** Everything that a socket was sent, as it came. */
export interface Frames {
  readonly texts: readonly string[]
  close(): void
}

/** Follows everything there is, from the first event on, and keeps the frames as text. */
export async function collectFrames(hub: HubProcess, token: string): Promise<Frames> {
  const texts: string[] = []
  const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/api/v1/ws`)
  socket.addEventListener('message', ({ data }) => texts.push(String(data)))
  await once(socket, 'open')
  const send = (frame: object): void => socket.send(JSON.stringify(frame))
  send({ type: 'hello', protocol: PROTOCOL_VERSION, token })
  send({ type: 'subscribe', id: 'all', filter: {}, from: 'oldest' })
  for (const channel of ['health', 'fabrics', 'resources', 'admin', 'system', 'sync']) send({ type: 'subscribe', id: channel, channel })
  const beat = setInterval(() => send({ type: 'ping', t: 1 }), LIMITS.heartbeatMs)
  return {
    texts,
    close: () => {
      clearInterval(beat)
      socket.close()
    },
  }
}

/** An answer with its place. */
export interface Answer {
  readonly path: string
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Asks for a path of the hub as it is. */
export async function ask(hub: HubProcess, path: string, token?: string, body?: unknown, method = 'GET'): Promise<Answer> {
  const answer = await fetch(`${hub.url}${path}`, {
    method: body === undefined ? method : method === 'GET' ? 'POST' : method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    path,
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    text: `${[...answer.headers].map((pair) => pair.join(': ')).join('\n')}\n\n${await answer.text()}`,
  }
}

/** A named object of a kind. */
export interface Asked {
  readonly plural: string
  readonly name: string
}

/** Every GET route that the OpenAPI document names, for fabric 1 and these objects. */
export async function collectAnswers(hub: HubProcess, token: string, objects: readonly Asked[]): Promise<Answer[]> {
  const document = JSON.parse((await ask(hub, '/openapi.json')).text.split('\n\n').slice(1).join('\n\n')) as {
    paths: Record<string, Record<string, unknown>>
  }
  const plurals = [...new Set(objects.map(({ plural }) => plural))]
  const paths = Object.entries(document.paths)
    .filter(([, methods]) => 'get' in methods)
    .flatMap(([path]) => {
      const filled = path.replace('{id}', '1')
      if (filled.includes('{name}'))
        return objects.map(({ plural, name }) => filled.replace('{plural}', plural).replace('{name}', encodeURIComponent(name)))
      if (filled.includes('{plural}')) return plurals.map((plural) => `${filled.replace('{plural}', plural)}?limit=1000`)
      return [filled]
    })
  const beside = ['/openapi.json', '/asyncapi.json', '/metrics', '/healthz', '/readyz', '/', '/api/v1/events?limit=1000']
  const answers: Answer[] = []
  for (const path of new Set([...paths, ...beside])) answers.push(await ask(hub, path, token))
  return answers
}
