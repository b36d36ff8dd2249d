import { projectorModule } from '@binnacle/hub'
import type { Clock } from '@binnacle/protocol'
import { openSqliteStore, type Store } from '@binnacle/store'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Identity } from '../identity.ts'

/** A clock that stands until it is told to go on. */
export class SetClock implements Clock {
  #at = Date.UTC(2026, 0, 1)
  readonly #start = this.#at
  #timers: { readonly at: number; readonly fire: () => void }[] = []

  now(): number {
    return this.#at
  }

  monotonic(): number {
    return this.#at - this.#start
  }

  after(ms: number, fire: () => void): { cancel(): void } {
    const timer = { at: this.#at + ms, fire }
    this.#timers.push(timer)
    return { cancel: () => void (this.#timers = this.#timers.filter((each) => each !== timer)) }
  }

  /** Goes on by `ms` and fires what is due. */
  advance(ms: number): void {
    this.#at += ms
    const due = this.#timers.filter(({ at }) => at <= this.#at)
    this.#timers = this.#timers.filter(({ at }) => at > this.#at)
    for (const { fire } of due) fire()
  }
}

/** The key that signs access tokens in tests. */
export const SIGNING_KEY = new Uint8Array(32).fill(7)

/** Identity over a real store in a folder of its own. */
export interface IdentitySubject {
  readonly store: Store
  readonly identity: Identity
  readonly clock: SetClock
  close(): Promise<void>
}

/** Opens a store and an identity over it. */
export async function openIdentity(): Promise<IdentitySubject> {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-identity-'))
  const clock = new SetClock()
  const store = await openSqliteStore({
    path: join(folder, 'binnacle.db'),
    projector: projectorModule,
    keys: { current: Buffer.alloc(32, 1) },
    retention: { eventsMs: 86_400_000, eventsMax: 100_000, versionsMs: 86_400_000, versionsPerObject: 10 },
    now: () => clock.now(),
  })
  const identity = await Identity.open({
    accounts: store.accounts,
    audit: store.audit,
    sink: store.facts,
    clock,
    signingKey: SIGNING_KEY,
    generation: '0',
  })
  return {
    store,
    identity,
    clock,
    close: async () => {
      identity.close()
      await store.control.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
