import { randomBytes } from 'node:crypto'

/** What an account may do. `deny` lists resources (plural.group) it is refused, whatever else it may. */
interface AccountRules {
  readonly verbs: 'all' | readonly string[]
  readonly deny?: readonly string[]
}

/** Someone who may sign in to the lab server, with a token, a client certificate, or both. */
export interface Account {
  readonly name: string
  /** The user name in messages: `system:serviceaccount:default:viewer` or `admin`. */
  readonly user: string
  readonly groups: readonly string[]
  readonly rules: AccountRules
  /** Valid tokens with the time (ms) they stop to be; Infinity when never. */
  readonly tokens: Map<string, number>
}

/** How an account is described to the server. */
export interface AccountSpec {
  readonly user?: string
  readonly groups?: readonly string[]
  readonly verbs?: 'all' | readonly string[]
  readonly deny?: readonly string[]
  readonly token?: string
}

/** Verbs of an account that only reads. */
const READ_VERBS = ['get', 'list', 'watch'] as const

/** The accounts every lab server has. `denied` may read everything but VPCs. */
export const DEFAULT_ACCOUNTS: Readonly<Record<string, AccountSpec>> = {
  admin: { user: 'kubernetes-admin', groups: ['system:masters'], verbs: 'all' },
  readonly: { user: 'system:serviceaccount:default:readonly', groups: ['system:serviceaccounts'], verbs: READ_VERBS },
  denied: {
    user: 'system:serviceaccount:default:denied',
    groups: ['system:serviceaccounts'],
    verbs: READ_VERBS,
    deny: ['vpcs.vpc.githedgehog.com'],
  },
}

/** A user nobody identified. */
export const ANONYMOUS: Account = {
  name: 'anonymous',
  user: 'system:anonymous',
  groups: ['system:unauthenticated'],
  rules: { verbs: [] },
  tokens: new Map(),
}

/** A fresh bearer token. */
export function newToken(): string {
  return `lab-${randomBytes(24).toString('base64url')}`
}

/** The accounts of one server. */
export class Accounts {
  readonly #byName = new Map<string, Account>()

  constructor(specs: Readonly<Record<string, AccountSpec>>) {
    for (const [name, spec] of Object.entries(specs)) this.add(name, spec)
  }

  /** Adds or replaces an account. */
  add(name: string, spec: AccountSpec): Account {
    const account: Account = {
      name,
      user: spec.user ?? name,
      groups: [...(spec.groups ?? []), 'system:authenticated'],
      rules: { verbs: spec.verbs ?? 'all', ...(spec.deny && { deny: spec.deny }) },
      tokens: new Map([[spec.token ?? newToken(), Infinity]]),
    }
    this.#byName.set(name, account)
    return account
  }

  /** The account of this name. Throws RangeError when there is none. */
  get(name: string): Account {
    const account = this.#byName.get(name)
    if (account === undefined) throw new RangeError(`no account ${name}; there are: ${[...this.#byName.keys()].join(', ')}`)
    return account
  }

  byUser(user: string): Account | undefined {
    for (const account of this.#byName.values()) if (account.user === user) return account
    return undefined
  }

  /** The account a token belongs to; undefined when unknown or expired at `now`. */
  byToken(token: string, now: number): Account | undefined {
    for (const account of this.#byName.values()) {
      const until = account.tokens.get(token)
      if (until !== undefined) return until > now ? account : undefined
    }
    return undefined
  }

  /** A token of the account that is still valid at `now`; makes one when all are expired. */
  token(name: string, now: number): string {
    const account = this.get(name)
    for (const [token, until] of account.tokens) if (until === Infinity || until > now + 60_000) return token
    const token = newToken()
    account.tokens.set(token, Infinity)
    return token
  }

  /** A new token for the account; the old ones end after `graceMs` (0: at once). Returns the new one. */
  rotate(name: string, graceMs: number, now: number): string {
    const account = this.get(name)
    for (const [token, until] of account.tokens) account.tokens.set(token, Math.min(until, now + graceMs))
    const token = newToken()
    account.tokens.set(token, Infinity)
    return token
  }

  /** Ends every token of the account without giving a new one. */
  expire(name: string, now: number): void {
    const account = this.get(name)
    for (const token of account.tokens.keys()) account.tokens.set(token, now - 1)
  }
}
