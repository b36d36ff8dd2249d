import { BinnacleError } from '@binnacle/protocol'
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** scrypt cost: N = 2^15, r = 8, p = 3 (OWASP Password Storage Cheat Sheet, one of its equal choices), 32 MiB a hash. */
const COST = { N: 32_768, r: 8, p: 3 } as const
const KEY_BYTES = 32
const SALT_BYTES = 16
const MEMORY = 128 * COST.N * COST.r * 2
/** Hashes under way at once: each takes 32 MiB and a thread of the pool. */
const SIDE_BY_SIDE = 2
/** Hashes that may wait; beyond it callers are told to come back. */
const WAITING = 32

/** Hashes and checks passwords; how many at once is bounded, so that sign-ins cannot use up the machine. */
export class Passwords {
  #running = 0
  readonly #queue: (() => void)[] = []
  /** Checked when there is no such user, so that known and unknown names cost the same. */
  readonly #nobody = `scrypt$${COST.N}$${COST.r}$${COST.p}$${randomBytes(SALT_BYTES).toString('base64url')}$${randomBytes(KEY_BYTES).toString('base64url')}`

  /** `scrypt$N$r$p$salt$hash`, base64url. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const key = await this.#derive(password, salt, COST)
    return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
  }

  /** Whether a password is the one behind a hash. `undefined` (nobody, or no password) costs the same and is false. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const [scheme, n, r, p, salt = '', key = ''] = (hash ?? this.#nobody).split('$')
    const wanted = Buffer.from(key, 'base64url')
    const found = await this.#derive(password, Buffer.from(salt, 'base64url'), { N: Number(n), r: Number(r), p: Number(p) })
    return scheme === 'scrypt' && wanted.length === found.length && timingSafeEqual(wanted, found) && hash !== undefined
  }

  async #derive(password: string, salt: Buffer, cost: { readonly N: number; readonly r: number; readonly p: number }): Promise<Buffer> {
    if (this.#running >= SIDE_BY_SIDE) {
      if (this.#queue.length >= WAITING) throw new BinnacleError('RATE_LIMITED', 'too many sign-ins at once', { retryAfterSeconds: 5 })
      await new Promise<void>((resolve) => this.#queue.push(resolve))
    } else this.#running += 1
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MEMORY }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      })
    } finally {
      // The place goes to the next in line, or is free again.
      const next = this.#queue.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
