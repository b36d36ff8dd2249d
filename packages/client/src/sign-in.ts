import { BinnacleError, signInAnswerSchema, type Clock, type SignInAnswer } from '@binnacle/protocol'
import { createApi, noContent, type Api } from './api.ts'
import { createClientClock } from './client-clock.ts'
import { RestError } from './rest-error.ts'

/** Who is signed in, as far as this page knows. */
export type SignInState =
  /** It is being asked whether the browser still has a sign-in. */
  | { readonly step: 'asking' }
  | { readonly step: 'signed_out'; readonly reason: string | null }
  | { readonly step: 'signed_in'; readonly user: SignInAnswer['user'] }

/** Runs a task while no other tab of the same origin runs one of the same name. */
export type Exclusive = <T>(name: string, task: () => Promise<T>) => Promise<T>

/** What {@link createSignIn} needs. */
export interface SignInOptions {
  /** Where the API lives, e.g. `/api/v1`. */
  readonly base: string
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  readonly exclusive?: Exclusive
}

/**
 * Signing in and out. The access token lives in this object only, never in storage; the refresh token is a cookie that
 * scripts cannot read.
 */
export interface SignInStore {
  state(): SignInState
  onState(reader: () => void): () => void
  /** Looks whether the browser still has a sign-in. Call once when the page opens. */
  resume(): Promise<void>
  signIn(name: string, password: string): Promise<void>
  /** Claims the set-up link. */
  setUp(secret: string, name: string, password: string): Promise<void>
  signOut(): Promise<void>
  /** A token that is valid for at least half a minute; asks for a new one when needed. Rejects when signed out. */
  token(): Promise<string>
  /** The token as it is, for {@link createApi}; null = none. */
  currentToken(): string | null
  /** Gets a new token; false = signed out. For `onUnauthorized`. */
  refresh(): Promise<boolean>
}

/** A token is renewed this many milliseconds before its end. */
export const RENEW_BEFORE_MS = 30_000

interface LocksLike {
  request<T>(name: string, task: () => Promise<T>): Promise<T>
}

/** Across the tabs of a browser by the Web Locks API; where it does not exist, one after the other within this page. */
export function pageExclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve()
  return (name, task) => {
    const locks = (globalThis as { navigator?: { locks?: LocksLike } }).navigator?.locks
    if (locks !== undefined) return locks.request(`binnacle-${name}`, task)
    const run = last.then(task, task)
    last = run.catch(() => undefined)
    return run
  }
}

/** Makes the sign-in store. Nothing is asked before `resume` or `signIn`. */
export function createSignIn(options: SignInOptions): SignInStore {
  const clock = options.clock ?? createClientClock()
  const exclusive = options.exclusive ?? pageExclusive()
  const api: Api = createApi({
    base: options.base,
    token: () => held?.token ?? null,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  })
  const readers = new Set<() => void>()
  let state: SignInState = { step: 'asking' }
  let held: { readonly token: string; readonly renewAt: number } | null = null
  let renewal: Promise<boolean> | null = null

  const become = (next: SignInState): void => {
    state = next
    for (const reader of readers) reader()
  }
  const enter = (answer: SignInAnswer): void => {
    const leftMs = Date.parse(answer.expires_at) - clock.now()
    // A clock that is wrong must not lead to a renewal in every call: at least half of a minute is believed.
    held = { token: answer.token, renewAt: clock.monotonic() + Math.max(RENEW_BEFORE_MS, leftMs - RENEW_BEFORE_MS) }
    if (state.step !== 'signed_in' || JSON.stringify(state.user) !== JSON.stringify(answer.user))
      become({ step: 'signed_in', user: answer.user })
  }
  const leave = (reason: string | null): void => {
    held = null
    if (state.step !== 'signed_out' || state.reason !== reason) become({ step: 'signed_out', reason })
  }
  const renew = (): Promise<boolean> => {
    renewal ??= exclusive('refresh', () => api.post('auth/refresh', {}, signInAnswerSchema))
      .then(
        (answer) => {
          enter(answer)
          return true
        },
        (error: unknown) => {
          const refused = error instanceof RestError && (error.status === 401 || error.status === 403)
          // Only a refusal signs out. A server that does not answer leaves the sign-in as it is.
          if (!refused && state.step === 'signed_in') throw error
          leave(state.step === 'signed_in' ? 'the sign-in has ended' : refused ? null : 'the server cannot be reached')
          return false
        },
      )
      .finally(() => {
        renewal = null
      })
    return renewal
  }

  return {
    state: () => state,
    onState: (reader) => {
      readers.add(reader)
      return () => readers.delete(reader)
    },
    resume: async () => {
      await renew()
    },
    signIn: async (name, password) => enter(await api.post('auth/login', { name, password }, signInAnswerSchema)),
    setUp: async (secret, name, password) => enter(await api.post('auth/setup', { secret, name, password }, signInAnswerSchema)),
    signOut: async () => {
      try {
        await api.post('auth/logout', {}, noContent)
      } finally {
        leave(null)
      }
    },
    token: async () => {
      if (held === null || clock.monotonic() >= held.renewAt) {
        const renewed = await renew()
        if (!renewed || held === null) throw new BinnacleError('NOT_AUTHENTICATED')
      }
      return held.token
    },
    currentToken: () => held?.token ?? null,
    refresh: renew,
  }
}
