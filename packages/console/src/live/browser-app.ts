import { BASE } from './base.ts'
import type { App } from '../app-context.tsx'
import type { LinkState } from './link.ts'
import type { Server } from './server.ts'
import type { SignIn, SignInState } from './sign-in.ts'
import type { Problem } from '@binnacle/protocol'

/** The app in a browser: REST, live connection and sign-in of the page's own origin. */
export function createBrowserApp(): App {
  let token = ''
  let state: SignInState = { step: 'asking' }
  const readers = new Set<() => void>()
  const become = (next: SignInState) => {
    state = next
    for (const reader of readers) reader()
  }
  async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const answer = await fetch(`${BASE}/${path}`, {
      method,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        accept: 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const content = answer.status === 204 ? undefined : ((await answer.json()) as unknown)
    if (!answer.ok) throw Object.assign(new Error('refused'), { problem: content as Problem })
    return content as T
  }
  const enter = (answer: { token: string; user: { name: string; display_name: string; grants: { role: string }[] } }) => {
    token = answer.token
    become({
      step: 'signed_in',
      name: answer.user.name,
      displayName: answer.user.display_name,
      admin: answer.user.grants.some((grant) => grant.role === 'admin'),
    })
  }
  const signIn: SignIn = {
    state: () => state,
    onState: (reader) => {
      readers.add(reader)
      return () => readers.delete(reader)
    },
    signIn: async (name, password) => enter(await call('POST', 'auth/login', { name, password })),
    setUp: async (secret, name, password) => enter(await call('POST', 'auth/setup', { secret, name, password })),
    signOut: async () => {
      await call('POST', 'auth/logout')
      token = ''
      become({ step: 'signed_out', reason: null })
    },
  }
  call<Parameters<typeof enter>[0]>('POST', 'auth/refresh').then(enter, () => become({ step: 'signed_out', reason: null }))
  const query = (values: Record<string, string | number | undefined>): string => {
    const text = new URLSearchParams(
      Object.entries(values).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, String(value)]])),
    ).toString()
    return text === '' ? '' : `?${text}`
  }
  const objectPath = (address: { fabric: number; plural: string; name: string }) =>
    `fabrics/${address.fabric}/resources/${encodeURIComponent(address.plural)}/${encodeURIComponent(address.name)}`
  const server: Server = {
    fabrics: (signal) => call('GET', 'fabrics', undefined, signal),
    fabric: (id, signal) => call('GET', `fabrics/${id}`, undefined, signal),
    watches: (id, signal) => call('GET', `fabrics/${id}/watches`, undefined, signal),
    topology: (id, signal) => call('GET', `fabrics/${id}/topology`, undefined, signal),
    createFabric: (input) => call('POST', 'fabrics', input),
    updateFabric: (id, input) => call('PUT', `fabrics/${id}`, input),
    removeFabric: (id) => call('DELETE', `fabrics/${id}`),
    testConnection: (connection) => call('POST', 'fabrics/test-connection', { connection }),
    testFabric: (id) => call('POST', `fabrics/${id}/test-connection`),
    syncCluster: (id) => call('POST', `fabrics/${id}/sync/cluster`),
    resources: ({ plural, ...question }, page, signal) =>
      call('GET', `resources/${encodeURIComponent(plural)}${query({ ...question, ...page })}`, undefined, signal),
    object: (address, signal) => call('GET', `${objectPath(address)}${query({ namespace: address.namespace })}`, undefined, signal),
    history: (address, signal) =>
      call('GET', `${objectPath(address)}/history${query({ namespace: address.namespace })}`, undefined, signal),
    latestEvents: (question, page, signal) =>
      call(
        'GET',
        `events${query({ scopes: question.scopes?.join(','), types: question.types?.join(','), kinds: question.kinds?.join(','), names: question.names?.join(','), min_priority: question.minPriority, order: 'newest', ...page })}`,
        undefined,
        signal,
      ),
    connections: (signal) => call('GET', 'connections', undefined, signal),
  }
  const connecting: LinkState = { step: 'connecting', since: Date.now(), attempt: 1 }
  return { server, signIn, link: { state: () => connecting, onState: () => () => undefined, subscribe: () => () => undefined } }
}
