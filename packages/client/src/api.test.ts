import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { BinnacleError, problemOf, watchListSchema } from '@binnacle/protocol'
import { createApi, noContent } from './api.ts'
import { createClientClock } from './client-clock.ts'
import { RestError } from './rest-error.ts'
import { createSignIn } from './sign-in.ts'

let server: Server | null = null
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise<void>((resolve) => {
    if (server === null) resolve()
    else server.close(() => resolve())
  })
  server = null
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const made = createServer(answer)
  server = made
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/api/v1`
}
const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const failure = (promise: Promise<unknown>): Promise<RestError> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error as RestError,
  )
const signInAnswer = (token: string, ms: number) => ({
  token,
  expires_at: new Date(Date.now() + ms).toISOString(),
  user: { id: 'u', name: 'ann', display_name: 'Ann', grants: [] },
})

test('[CL17] an answer passes its schema; refusals, foreign pages, wrong answers and silence are errors with a code', async () => {
  const base = await serve((request, response) => {
    switch (request.url?.slice('/api/v1/'.length)) {
      case 'good?a=1&b=x%2Cy':
        json(response, 200, { at: 'e:1', status: 'unknown', watches: [], token: request.headers.authorization })
        return
      case 'refused':
        json(response, 403, problemOf(new BinnacleError('FORBIDDEN', 'not this one')))
        return
      case 'proxy':
        response.writeHead(502).end('<html>bad gateway</html>')
        return
      case 'wrong':
        json(response, 200, { at: 'nowhere' })
        return
      case 'empty':
        response.writeHead(204).end()
        return
      case undefined:
      default:
      // No answer at all.
    }
  })
  const api = createApi({ base, token: () => 'secret-1', deadlineMs: 150 })
  expect((await api.get('good', watchListSchema, { query: { a: 1, b: ['x', 'y'], c: undefined, d: '' } })).at).toBe('e:1')
  expect(await api.delete('empty', noContent)).toBeUndefined()
  expect(await failure(api.post('refused', {}, noContent))).toMatchObject({
    code: 'FORBIDDEN',
    status: 403,
    message: 'not this one',
    retry: false,
  })
  expect((await failure(api.post('refused', {}, noContent))).remedy.length).toBeGreaterThan(10)
  expect(await failure(api.put('proxy', {}, noContent))).toMatchObject({ code: 'UNAVAILABLE', status: 502, retry: true })
  expect(await failure(api.get('wrong', watchListSchema))).toMatchObject({ code: 'INTERNAL' })
  expect(await failure(api.patch('silence', {}, noContent))).toMatchObject({ code: 'UNAVAILABLE', message: 'no answer in time' })
})

test('[CL18] after a 401 the call is made once more with the new token, and not a third time', async () => {
  const seen: unknown[] = []
  const base = await serve((request, response) => {
    seen.push(request.headers.authorization)
    if (request.headers.authorization === 'Bearer new') response.writeHead(204).end()
    else json(response, 401, problemOf(new BinnacleError('NOT_AUTHENTICATED')))
  })
  let token = 'old'
  const renew = (next: string) => () => {
    token = next
    return Promise.resolve(true)
  }
  await createApi({ base, token: () => token, onUnauthorized: renew('new') }).get('x', noContent)
  expect(seen).toEqual(['Bearer old', 'Bearer new'])
  token = 'old'
  expect(await failure(createApi({ base, token: () => token, onUnauthorized: renew('worse') }).get('x', noContent))).toMatchObject({
    status: 401,
  })
  expect(seen.length).toBe(4)
})

test('[CL19] the token is renewed before its end, once for all who wait; a server that is away does not sign out, a refusal does', async () => {
  let mode: 'ok' | 'away' | 'refuse' = 'ok'
  let renewals = 0
  const base = await serve((request, response) => {
    if (request.url?.endsWith('login') === true) json(response, 200, signInAnswer('first', 60_000))
    else if (mode === 'away') response.writeHead(503).end()
    else if (mode === 'refuse') json(response, 401, problemOf(new BinnacleError('NOT_AUTHENTICATED')))
    else json(response, 200, signInAnswer(`renewed-${++renewals}`, 60_000))
  })
  let passed = 0
  const real = createClientClock()
  const store = createSignIn({ base, clock: { ...real, monotonic: () => real.monotonic() + passed } })
  expect(store.state().step).toBe('asking')
  await store.signIn('ann', 'a password')
  expect(await store.token()).toBe('first')
  passed += 45_000
  expect(await Promise.all([store.token(), store.token(), store.token()])).toEqual(['renewed-1', 'renewed-1', 'renewed-1'])
  expect(renewals).toBe(1)
  passed += 45_000
  mode = 'away'
  await expect(store.token()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(store.state().step).toBe('signed_in')
  mode = 'refuse'
  await expect(store.token()).rejects.toMatchObject({ code: 'NOT_AUTHENTICATED' })
  expect(store.state()).toEqual({ step: 'signed_out', reason: 'the sign-in has ended' })
  expect(store.currentToken()).toBeNull()
})
