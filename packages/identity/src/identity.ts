import {
  BinnacleError,
  errorCodeOf,
  type AccountStore,
  type ApiToken,
  type AuditEntry,
  type AuditLog,
  type Clock,
  type EventType,
  type FactSink,
  type Grant,
  type Grants,
  type Identity as Who,
  type Rights,
  type SignIn,
  type User,
} from '@binnacle/protocol'
import { AccessTokens } from './access-tokens.ts'
import { AttemptLimits } from './attempt-limits.ts'
import { grantsWithin } from './grants-within.ts'
import { Passwords } from './passwords.ts'
import { newId, newSecret, secretHash } from './secrets.ts'

/** What identity is made of. */
export interface IdentityOptions {
  readonly accounts: AccountStore
  readonly audit: AuditLog
  readonly sink: FactSink
  readonly clock: Clock
  /** Signs access tokens; 32 bytes, kept outside the database. */
  readonly signingKey: Uint8Array
  /** Raised when a backup is restored: everything issued before is void. */
  readonly generation: string
}

/** Where a request comes from, for limits and the audit log. */
export interface Origin {
  readonly address: string
  readonly userAgent: string
}

/** A fresh sign-in, or its renewal. The refresh token goes into a cookie, the access token into memory. */
export interface Issued {
  readonly token: string
  readonly expiresAt: number
  readonly refreshToken: string
  readonly refreshExpiresAt: number
  readonly user: User
}

const REFRESH_MS = 14 * 86_400_000
/** The refresh token before the last one still works this long: two tabs may renew at once. */
const PREVIOUS_MS = 30_000
const SETUP_MS = 3_600_000
/** Failures of one address that cost nothing: an office shares one. */
const ADDRESS_FREE = 20
/** How often "last used" of an API token is written. */
const TOUCH_MS = 60_000

/** Accounts, sign-ins and tokens; and the one answer to "who is this, and what may they do right now". */
export class Identity implements Grants {
  readonly #options: IdentityOptions
  readonly #passwords = new Passwords()
  readonly #limits: AttemptLimits
  readonly #addressLimits: AttemptLimits
  readonly #access: AccessTokens
  readonly #users = new Map<string, User>()
  readonly #signIns = new Map<string, { readonly userId: string; readonly expiresAt: number }>()
  /** Rises with each end of sign-ins. */
  #endings = 0
  readonly #tokens = new Map<string, ApiToken>()
  readonly #touched = new Map<string, number>()
  readonly #listeners = new Set<(change: { readonly userId: string }) => void>()
  readonly #denied = new Map<string, { count: number; readonly timer: { cancel(): void } }>()

  private constructor(options: IdentityOptions) {
    this.#options = options
    this.#limits = new AttemptLimits(options.clock)
    this.#addressLimits = new AttemptLimits(options.clock, ADDRESS_FREE)
    this.#access = new AccessTokens(options.signingKey, options.generation, options.clock)
  }

  /** Loads accounts; rights are answered from memory from then on. */
  static async open(options: IdentityOptions): Promise<Identity> {
    const identity = new Identity(options)
    for (const user of await options.accounts.users()) identity.#users.set(user.id, user)
    for (const token of await options.accounts.tokens()) identity.#tokens.set(token.id, token)
    return identity
  }

  /** Whether nobody can sign in yet. */
  get needsSetup(): boolean {
    return ![...this.#users.values()].some((user) => user.passwordHash !== null && !user.disabled)
  }

  // ── who is this ────────────────────────────────────────────────────────────────────────────────────────────────

  async authenticate(token: string): Promise<Who> {
    if (token.startsWith('bnc_')) return this.#byApiToken(token)
    const { userId, signInId, expiresAt } = await this.#access.verify(token)
    const signIn = await this.#liveSignIn(signInId)
    const user = this.#users.get(userId)
    if (signIn === undefined || signIn.userId !== userId || user === undefined || user.disabled)
      throw new BinnacleError('NOT_AUTHENTICATED')
    return { userId, userName: user.name, rights: rightsOf(user, user.grants), by: { type: 'sign_in', id: signInId }, expiresAt }
  }

  rightsOf(who: Who): Rights | undefined {
    const user = this.#users.get(who.userId)
    if (user === undefined || user.disabled) return undefined
    const now = this.#options.clock.now()
    if (who.expiresAt !== null && who.expiresAt <= now) return undefined
    if (who.by.type === 'sign_in') {
      const signIn = this.#signIns.get(who.by.id)
      return signIn === undefined || signIn.expiresAt <= now ? undefined : rightsOf(user, user.grants)
    }
    const token = this.#tokens.get(who.by.id)
    if (token === undefined || token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)) return undefined
    return rightsOf(user, grantsWithin(token.grants, user.grants))
  }

  onChange(listener: (change: { readonly userId: string }) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #byApiToken(secret: string): Promise<Who> {
    const hash = secretHash(secret)
    const token = [...this.#tokens.values()].find((each) => each.hash === hash)
    const user = token === undefined ? undefined : this.#users.get(token.userId)
    const now = this.#options.clock.now()
    if (
      token === undefined ||
      user === undefined ||
      user.disabled ||
      token.revokedAt !== null ||
      (token.expiresAt !== null && token.expiresAt <= now)
    )
      throw new BinnacleError('NOT_AUTHENTICATED')
    if (now - (this.#touched.get(token.id) ?? 0) > TOUCH_MS) {
      this.#touched.set(token.id, now)
      // A missed "last used" harms nobody; the request goes on.
      void this.#options.accounts.touchToken(token.id, now).catch(() => this.#touched.delete(token.id))
    }
    return {
      userId: user.id,
      userName: user.name,
      rights: rightsOf(user, grantsWithin(token.grants, user.grants)),
      by: { type: 'api_token', id: token.id },
      expiresAt: token.expiresAt,
    }
  }

  async #liveSignIn(id: string): Promise<{ readonly userId: string; readonly expiresAt: number } | undefined> {
    const known = this.#signIns.get(id)
    if (known !== undefined) return known
    const endings = this.#endings
    const kept = await this.#options.accounts.signIn(id)
    // Something ended while the store was asked: what it answered may be from before.
    if (endings !== this.#endings) return this.#liveSignIn(id)
    if (kept === undefined || kept.endedAt !== null || kept.expiresAt <= this.#options.clock.now()) return undefined
    this.#signIns.set(id, { userId: kept.userId, expiresAt: kept.expiresAt })
    return this.#signIns.get(id)
  }

  // ── sign-in ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Makes the one valid set-up link's secret; the one before is void. */
  async issueSetupLink(actor: string): Promise<{ readonly secret: string; readonly expiresAt: number }> {
    const secret = newSecret('')
    const expiresAt = this.#options.clock.now() + SETUP_MS
    await this.#audit({ actor, action: 'setup_link.issue' })
    await this.#options.accounts.putSetupLink(secretHash(secret), expiresAt)
    return { secret, expiresAt }
  }

  /** Claims the set-up link: creates the administrator, or gives an existing one a new password and all rights. Throws GONE. */
  async claimSetupLink(secret: string, name: string, password: string, origin: Origin): Promise<Issued> {
    const { accounts, clock } = this.#options
    const key = `setup:${origin.address}`
    this.#limits.check([key])
    this.#limits.failed([key])
    const passwordHash = await this.#passwords.hash(password)
    if (!(await accounts.claimSetupLink(secretHash(secret), clock.now()))) {
      await this.#audit({ action: 'setup_link.claim', outcome: 'refused', origin })
      throw new BinnacleError('GONE', 'this set-up link was used, or is too old; `binnacle setup-link` makes a new one')
    }
    this.#limits.succeeded([key])
    await this.#audit({ actor: name, action: 'setup_link.claim', origin })
    const grants: Grant[] = [{ role: 'admin', scope: '*' }]
    const existing = await accounts.userByName(name)
    let user: User
    if (existing === undefined) {
      user = { id: newId(), name, displayName: name, disabled: false, createdAt: clock.now(), rightsVersion: 1, grants, passwordHash }
      await accounts.createUser(user)
    } else {
      user = await accounts.updateUser(existing.id, { passwordHash, grants, disabled: false })
      await this.#endSignIns(user.id)
    }
    this.#users.set(user.id, user)
    this.#tell(user.id)
    return this.#begin(user, origin)
  }

  /** Signs in by name and password. Throws WRONG_CREDENTIALS or RATE_LIMITED; the same for unknown names as for wrong passwords. */
  async login(name: string, password: string, origin: Origin): Promise<Issued> {
    const account = `name:${name.normalize('NFKC').trim().toLowerCase()}`
    this.#limits.check([account])
    this.#addressLimits.check([origin.address])
    // Charged before the slow hash and given back on success: attempts side by side count like attempts in a row.
    this.#limits.failed([account])
    this.#addressLimits.failed([origin.address])
    const user = await this.#options.accounts.userByName(name)
    const right = await this.#passwords.matches(
      password,
      user === undefined || user.disabled ? undefined : (user.passwordHash ?? undefined),
    )
    // Whatever changed while the hash was computed counts: disabled, removed, another password.
    const current = user === undefined ? undefined : this.#users.get(user.id)
    if (!right || user === undefined || current === undefined || current.disabled || current.passwordHash !== user.passwordHash) {
      await this.#audit({ actor: user?.name ?? null, action: 'sign_in', outcome: 'refused', origin })
      this.#deny('sign_in', origin)
      throw new BinnacleError('WRONG_CREDENTIALS')
    }
    this.#limits.succeeded([account])
    this.#addressLimits.giveBack(origin.address)
    return this.#begin(current, origin)
  }

  /**
   * Renews a sign-in. The refresh token changes each time; the one before works for 30 s more (two tabs); later use of
   * an old one means that it was stolen, and ends the sign-in.
   */
  async refresh(refreshToken: string, origin: Origin): Promise<Issued> {
    const { accounts, clock } = this.#options
    const refused = (): BinnacleError => new BinnacleError('NOT_AUTHENTICATED')
    const [id = '', secret = ''] = refreshToken.split('.')
    const signIn = await accounts.signIn(id)
    const now = clock.now()
    if (signIn === undefined || signIn.endedAt !== null || signIn.expiresAt <= now) throw refused()
    const user = await accounts.userById(signIn.userId)
    if (user === undefined || user.disabled) throw refused()
    const hash = secretHash(secret)
    if (hash === signIn.refreshHash) {
      const next = newSecret('')
      if (await accounts.rotateSignIn(id, hash, secretHash(next), now)) return this.#issue(user, signIn, `${id}.${next}`)
      const again = await accounts.signIn(id)
      if (again?.previousHash !== hash) throw refused()
      return this.#issue(user, again, null)
    }
    if (hash === signIn.previousHash && now - signIn.rotatedAt <= PREVIOUS_MS) return this.#issue(user, signIn, null)
    await this.#audit({ actor: user.name, action: 'refresh_reuse', outcome: 'refused', target: id, origin })
    await this.endSignIn(id, user.id)
    throw refused()
  }

  /** Ends the sign-in behind a refresh token. */
  async logout(refreshToken: string, origin: Origin): Promise<void> {
    const [id = ''] = refreshToken.split('.')
    const signIn = await this.#options.accounts.signIn(id)
    if (
      signIn === undefined ||
      (secretHash(refreshToken.slice(id.length + 1)) !== signIn.refreshHash &&
        secretHash(refreshToken.slice(id.length + 1)) !== signIn.previousHash)
    )
      return
    const user = this.#users.get(signIn.userId)
    await this.#audit({ actor: user?.name ?? null, action: 'sign_out', origin })
    await this.endSignIn(id, signIn.userId)
    await this.#note('user_logout', { user: user?.name ?? null }, user?.name)
  }

  /** Ends one sign-in at once: its streams end, its tokens are void. */
  async endSignIn(id: string, userId: string): Promise<void> {
    await this.#options.accounts.endSignIns({ id }, this.#options.clock.now())
    this.#endings += 1
    this.#signIns.delete(id)
    this.#tell(userId)
  }

  /** Sign-ins that can still be renewed, newest first; of one user, or of all. */
  async signIns(userId?: string): Promise<readonly SignIn[]> {
    const now = this.#options.clock.now()
    return (await this.#options.accounts.signIns(userId)).filter(({ expiresAt }) => expiresAt > now)
  }

  /** Ends a sign-in on somebody's word. Throws NOT_FOUND when there is none. */
  async revokeSignIn(id: string, actor: string): Promise<void> {
    const found = (await this.signIns()).find((each) => each.id === id)
    if (found === undefined) throw new BinnacleError('NOT_FOUND', 'there is no such sign-in')
    await this.#audit({ actor, action: 'sign_in.end', target: this.#users.get(found.userId)?.name ?? found.userId })
    await this.endSignIn(id, found.userId)
  }

  // ── users and tokens ───────────────────────────────────────────────────────────────────────────────────────────

  users(): readonly User[] {
    return [...this.#users.values()]
  }

  async createUser(
    input: {
      readonly name: string
      readonly displayName: string
      readonly password: string | undefined
      readonly grants: readonly Grant[]
    },
    actor: string,
  ): Promise<User> {
    const { accounts, clock } = this.#options
    await this.#audit({ actor, action: 'user.create', target: input.name, detail: { grants: input.grants } })
    const passwordHash = input.password === undefined ? null : await this.#passwords.hash(input.password)
    const user: User = {
      id: newId(),
      name: input.name,
      displayName: input.displayName,
      disabled: false,
      createdAt: clock.now(),
      rightsVersion: 1,
      grants: [...input.grants],
      passwordHash,
    }
    await accounts.createUser(user)
    this.#users.set(user.id, user)
    return user
  }

  /** Changes a user; takes effect at once, everywhere. A new password or disabling ends all sign-ins. */
  async changeUser(
    id: string,
    change: { readonly displayName?: string; readonly disabled?: boolean; readonly password?: string; readonly grants?: readonly Grant[] },
    actor: string,
  ): Promise<User> {
    const before = this.#users.get(id)
    if (before === undefined) throw new BinnacleError('NOT_FOUND', 'there is no such user')
    const { password, ...rest } = change
    await this.#audit({
      actor,
      action: 'user.change',
      target: before.name,
      detail: { ...rest, ...(password === undefined ? {} : { password: 'changed' }) },
    })
    const user = await this.#options.accounts.updateUser(id, {
      ...rest,
      ...(password === undefined ? {} : { passwordHash: await this.#passwords.hash(password) }),
    })
    this.#users.set(id, user)
    if (password !== undefined || user.disabled) await this.#endSignIns(id)
    this.#tell(id)
    return user
  }

  async deleteUser(id: string, actor: string): Promise<void> {
    const before = this.#users.get(id)
    if (before === undefined) throw new BinnacleError('NOT_FOUND', 'there is no such user')
    await this.#audit({ actor, action: 'user.delete', target: before.name })
    await this.#endSignIns(id)
    await this.#options.accounts.deleteUser(id)
    this.#users.delete(id)
    for (const [tokenId, token] of this.#tokens) if (token.userId === id) this.#tokens.delete(tokenId)
    this.#tell(id)
  }

  tokens(): readonly ApiToken[] {
    return [...this.#tokens.values()]
  }

  /** Makes an API token, shown once. Its rights are these grants ∩ the user's, at every use; asking for more is refused. */
  async createToken(
    input: { readonly userId: string; readonly name: string; readonly grants: readonly Grant[]; readonly ttlSeconds: number | null },
    actor: string,
  ): Promise<{ readonly secret: string; readonly token: ApiToken }> {
    const user = this.#users.get(input.userId)
    if (user === undefined) throw new BinnacleError('NOT_FOUND', 'there is no such user')
    if (grantsWithin(input.grants, user.grants).length < input.grants.length)
      throw new BinnacleError('FORBIDDEN', 'a token cannot have more rights than its user', { places: [{ field: '/grants' }] })
    const secret = newSecret('bnc_')
    const now = this.#options.clock.now()
    const token: ApiToken = {
      id: newId(),
      userId: user.id,
      name: input.name,
      hash: secretHash(secret),
      grants: [...input.grants],
      createdAt: now,
      expiresAt: input.ttlSeconds === null ? null : now + input.ttlSeconds * 1_000,
      revokedAt: null,
      lastUsedAt: null,
    }
    await this.#audit({
      actor,
      action: 'token.create',
      target: user.name,
      detail: { name: input.name, grants: input.grants, expires_at: token.expiresAt },
    })
    await this.#options.accounts.createToken(token)
    this.#tokens.set(token.id, token)
    return { secret, token }
  }

  async revokeToken(id: string, actor: string): Promise<void> {
    const token = this.#tokens.get(id)
    if (token === undefined) throw new BinnacleError('NOT_FOUND', 'there is no such token')
    const now = this.#options.clock.now()
    await this.#audit({ actor, action: 'token.revoke', target: token.name })
    await this.#options.accounts.revokeToken(id, now)
    this.#tokens.set(id, { ...token, revokedAt: token.revokedAt ?? now })
    this.#tell(token.userId)
  }

  /** A request was refused: told as an event, many of one kind within a minute as one with a count. */
  denied(actor: string | null, action: string, origin: Origin): void {
    this.#deny(action, origin, actor)
  }

  close(): void {
    for (const { timer } of this.#denied.values()) timer.cancel()
    this.#denied.clear()
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #begin(user: User, origin: Origin): Promise<Issued> {
    const { accounts, clock } = this.#options
    const secret = newSecret('')
    const now = clock.now()
    const signIn: SignIn = {
      id: newId(),
      userId: user.id,
      createdAt: now,
      expiresAt: now + REFRESH_MS,
      refreshHash: secretHash(secret),
      previousHash: null,
      rotatedAt: now,
      endedAt: null,
      userAgent: origin.userAgent.slice(0, 200),
      address: origin.address,
    }
    await this.#audit({ actor: user.name, action: 'sign_in', origin })
    await accounts.createSignIn(signIn)
    const current = this.#users.get(user.id)
    if (current === undefined || current.disabled || current.passwordHash !== user.passwordHash) {
      // The account changed meanwhile: ending its sign-ins could not know this one.
      await this.endSignIn(signIn.id, user.id)
      throw new BinnacleError('WRONG_CREDENTIALS')
    }
    await this.#note('user_login', { user: user.name, address: origin.address }, user.name)
    return this.#issue(user, signIn, `${signIn.id}.${secret}`)
  }

  async #issue(user: User, signIn: SignIn, refreshToken: string | null): Promise<Issued> {
    const { token, expiresAt } = await this.#access.issue(user.id, signIn.id)
    return { token, expiresAt, refreshToken: refreshToken ?? '', refreshExpiresAt: signIn.expiresAt, user }
  }

  async #endSignIns(userId: string): Promise<void> {
    for (const id of await this.#options.accounts.endSignIns({ userId }, this.#options.clock.now())) this.#signIns.delete(id)
    this.#endings += 1
    for (const [id, signIn] of this.#signIns) if (signIn.userId === userId) this.#signIns.delete(id)
  }

  #tell(userId: string): void {
    for (const listener of this.#listeners) listener({ userId })
  }

  async #audit(entry: {
    readonly actor?: string | null
    readonly action: string
    readonly target?: string
    readonly outcome?: AuditEntry['outcome']
    readonly origin?: Origin
    readonly detail?: Record<string, unknown>
  }): Promise<void> {
    try {
      await this.#options.audit.append({
        at: this.#options.clock.now(),
        actor: entry.actor ?? null,
        action: entry.action,
        target: entry.target ?? null,
        outcome: entry.outcome ?? 'ok',
        address: entry.origin?.address ?? null,
        detail: entry.detail ?? {},
      })
    } catch (error) {
      // Fails closed: what cannot be written down does not happen.
      throw errorCodeOf(error) === 'AUDIT_UNAVAILABLE' ? error : new BinnacleError('AUDIT_UNAVAILABLE', undefined, { cause: error })
    }
  }

  async #note(event_type: EventType, data: Record<string, unknown>, actor?: string): Promise<void> {
    await this.#options.sink.write([
      {
        fact: 'note',
        event: {
          event_type,
          scope: 'system',
          subject: null,
          data,
          observedAt: this.#options.clock.now(),
          source: 'identity',
          ...(actor === undefined ? {} : { actor }),
        },
      },
    ])
  }

  #deny(action: string, origin: Origin, actor: string | null = null): void {
    const key = JSON.stringify([action, origin.address, actor])
    const open = this.#denied.get(key)
    if (open !== undefined) {
      open.count += 1
      return
    }
    if (this.#denied.size >= 1_000) return
    // The first is told at once, the rest of the minute together.
    this.#tellDenied(action, origin, actor, 1)
    const timer = this.#options.clock.after(60_000, () => {
      const { count } = this.#denied.get(key) ?? { count: 0 }
      this.#denied.delete(key)
      if (count > 0) this.#tellDenied(action, origin, actor, count)
    })
    this.#denied.set(key, { count: 0, timer })
  }

  #tellDenied(action: string, origin: Origin, actor: string | null, count: number): void {
    // A refused sign-in is in the audit log already, one by one. A store that cannot take the event has its own alarm, and nothing was allowed.
    if (action !== 'sign_in')
      this.#audit({ actor, action: 'access', target: action, outcome: 'refused', origin, detail: { count } }).catch(() => undefined)
    this.#note('access_denied', { action, address: origin.address, count }, actor ?? undefined).catch(() => undefined)
  }
}

const rightsOf = (user: User, grants: readonly Grant[]): Rights => ({ user: user.id, version: user.rightsVersion, grants })
