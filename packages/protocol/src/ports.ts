import type { BinnacleEvent } from './event.ts'
import type { EventHead, Filter } from './filter.ts'
import type { Start } from './frames.ts'
import type { LostReason, Gauge } from './frames.ts'
import type { ObjectKey } from './facts.ts'
import type { Position } from './position.ts'
import type { DerivedStatus, Health, Row, Signal } from './projector.ts'
import type { Grant, Rights } from './rights.ts'
import type { Scope } from './scope.ts'
import type { Cause } from './errors.ts'
import type { FabricStatus, WatchStatus } from './watch-state.ts'
import type { ConnectionInput, ConnectionView, FabricInput, FabricView, ConnectionTestReport, SyncReport } from './rest.ts'

/** An event as the log holds it: what filters look at, and the envelope as JSON text (built once, written to every socket). */
export interface LogEntry extends EventHead {
  /** The event, see `eventSchema`, as JSON text. */
  readonly text: string
  /** Milliseconds since 1970: when it was observed. */
  readonly at: number
}

/** Committed events, in order, without gap: `from` is the seq before the first, `to` the seq of the last. */
export interface CommittedBatch {
  readonly from: number
  readonly to: number
  readonly entries: readonly LogEntry[]
}

/** One page of a read. `next` moves past events that were filtered out: read on from there. */
export type LogPage =
  | { readonly lost: LostReason; readonly oldest: number; readonly head: number }
  | {
      readonly lost?: undefined
      readonly from: number
      readonly next: number
      readonly head: number
      readonly entries: readonly LogEntry[]
    }

/** A filter narrowed by rights; `rights` absent = everything (only for ourselves). */
export interface EffectiveFilter {
  readonly filter: Filter
  readonly rights?: Rights
}

/** The log: one gap-free order of everything recorded. */
export interface EventLog {
  /** What is known now, without asking: `oldest` is the seq before the first kept event. */
  state(): { readonly epoch: string; readonly head: number; readonly oldest: number }
  /**
   * Events after `from` that pass, oldest first; at most `limit` events, looking at no more than `scan` (default
   * 10,000) rows. A position of another epoch, older than retention, or ahead of the head gives `lost`.
   */
  read(from: Position, filter: EffectiveFilter, options: { readonly limit: number; readonly scan?: number }): Promise<LogPage>
  /** The newest events that pass, newest first; for pages that open with the latest. Before `before` when given. */
  latest(
    filter: EffectiveFilter,
    options: { readonly limit: number; readonly before?: number },
  ): Promise<{ readonly at: Position; readonly entries: readonly LogEntry[]; readonly more: boolean }>
  /** Where a start lies: `oldest`, a time, or a position text; absent = head. */
  resolve(start: Start | undefined): Promise<Position | { readonly lost: LostReason; readonly oldest: number; readonly head: number }>
  /** Calls `onBatch` for every commit from now on, in order, without gap. Returns the way to end it. */
  follow(onBatch: (batch: CommittedBatch) => void): () => void
}

/** A list question. Only columns declared in the kind's column table sort and filter. */
export interface ListQuery {
  readonly scopes: readonly string[]
  readonly group: string
  readonly kind: string
  readonly q?: string
  readonly status?: string
  readonly sort?: { readonly column: string; readonly descending: boolean }
  readonly cursor?: string
  readonly limit: number
}

/** A row of a list. */
export interface ObjectRow {
  readonly key: ObjectKey
  readonly uid: string
  readonly version: string
  readonly createdAt: string | null
  readonly row: Row
  readonly derived: DerivedStatus | null
  readonly changedSeq: number
  /** Milliseconds since 1970: when we last saw it change. */
  readonly changedAt: number
}

/** A whole object. */
export interface ObjectDetail extends ObjectRow {
  readonly document: string
  readonly hash: string
  readonly signals: Readonly<Record<string, Signal>>
}

/** A neighbour in the reference graph. `exists` false: something refers to an object that is not there. */
export interface ReferenceEdge {
  readonly role: string
  readonly key: ObjectKey
  readonly exists: boolean
  readonly derived: DerivedStatus | null
}

/** State of one kind in the tables. `listed` false: no complete listing yet, so counts mean nothing. */
export interface KindCount {
  readonly group: string
  readonly kind: string
  readonly objects: number
  readonly listed: boolean
  readonly listedAt: number | null
  readonly byHealth: Readonly<Partial<Record<Health, number>>>
}

/** The tables. Every answer is read in one transaction with the head of the log: `at`. */
export interface Inventory {
  list(
    query: ListQuery,
  ): Promise<{ readonly at: Position; readonly rows: readonly ObjectRow[]; readonly total: number; readonly cursor: string | null }>
  get(key: ObjectKey): Promise<{ readonly at: Position; readonly object: ObjectDetail | null }>
  counts(scope: Scope): Promise<{ readonly at: Position; readonly kinds: readonly KindCount[] }>
  references(
    key: ObjectKey,
  ): Promise<{ readonly at: Position; readonly outgoing: readonly ReferenceEdge[]; readonly incoming: readonly ReferenceEdge[] }>
  /** What the object was at each change, newest first. */
  versions(
    key: ObjectKey,
    limit: number,
  ): Promise<{
    readonly at: Position
    readonly versions: readonly { readonly seq: number; readonly at: number; readonly version: string; readonly document: string | null }[]
  }>
  /** Documents of a scope, for topology and for comparison: all of the named kinds. Bounded by `limit` per kind. */
  documents(
    scope: Scope,
    kinds: readonly { readonly group: string; readonly kind: string }[],
    limit: number,
  ): Promise<{ readonly at: Position; readonly objects: readonly ObjectDetail[] }>
  /** sha256 over the sorted lines `namespace/name uid hash` of a kind, to compare with the source's own listing. */
  digest(scope: Scope, group: string, kind: string): Promise<{ readonly at: Position; readonly objects: number; readonly digest: string }>
}

/** Somebody who can sign in. */
export interface User {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly disabled: boolean
  readonly createdAt: number
  readonly rightsVersion: number
  readonly grants: readonly Grant[]
  /** How the password is kept: scrypt parameters, salt and hash as one text; null = cannot sign in by password. */
  readonly passwordHash: string | null
}

/** A sign-in: one browser, one family of refresh tokens. Hashes only, never tokens. */
export interface SignIn {
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly refreshHash: string
  readonly previousHash: string | null
  readonly rotatedAt: number
  readonly endedAt: number | null
  readonly userAgent: string
  readonly address: string
}

/** An API token: shown once, kept as a hash. */
export interface ApiToken {
  readonly id: string
  readonly userId: string
  readonly name: string
  readonly hash: string
  readonly grants: readonly Grant[]
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly lastUsedAt: number | null
}

/** One row of the audit log; rows are chained by hash. */
export interface AuditEntry {
  readonly at: number
  readonly actor: string | null
  readonly action: string
  readonly target: string | null
  readonly outcome: 'ok' | 'refused' | 'failed'
  readonly address: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

/** Accounts, sign-ins, tokens, set-up links. All hashing is done by `identity`; this only keeps. */
export interface AccountStore {
  users(): Promise<readonly User[]>
  userById(id: string): Promise<User | undefined>
  /** Names are compared in their canonical form (NFKC, lower case). */
  userByName(name: string): Promise<User | undefined>
  /** Throws CONFLICT when the name is taken. */
  createUser(user: User): Promise<void>
  /** Every change raises `rightsVersion`. */
  updateUser(id: string, change: Partial<Pick<User, 'displayName' | 'disabled' | 'grants' | 'passwordHash'>>): Promise<User>
  deleteUser(id: string): Promise<void>
  signIn(id: string): Promise<SignIn | undefined>
  /** Sign-ins that nobody ended, newest first; of one user, or of all. Those past their time are among them. */
  signIns(userId?: string): Promise<readonly SignIn[]>
  createSignIn(signIn: SignIn): Promise<void>
  /** Rotates only if `expectedHash` is still the current one; false otherwise. */
  rotateSignIn(id: string, expectedHash: string, newHash: string, at: number): Promise<boolean>
  endSignIns(where: { readonly id?: string; readonly userId?: string }, at: number): Promise<readonly string[]>
  tokens(): Promise<readonly ApiToken[]>
  tokenByHash(hash: string): Promise<ApiToken | undefined>
  createToken(token: ApiToken): Promise<void>
  revokeToken(id: string, at: number): Promise<void>
  touchToken(id: string, at: number): Promise<void>
  /** At most one set-up link is valid; a new one replaces the old. */
  putSetupLink(hash: string, expiresAt: number): Promise<void>
  /** Takes the link: true exactly once for the right hash before its expiry. */
  claimSetupLink(hash: string, at: number): Promise<boolean>
  /** Small named values of the installation (key generation and the like). */
  setting(name: string): Promise<string | undefined>
  putSetting(name: string, value: string): Promise<void>
}

/** The audit log. Fails closed: a change whose row cannot be written must not happen. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>
  latest(limit: number, before?: number): Promise<readonly (AuditEntry & { readonly id: number })[]>
  /** Checks the hash chain; the id of the first broken row, or null. */
  verify(): Promise<{ readonly rows: number; readonly brokenAt: number | null }>
}

/** A fabric as it is kept. The secret is apart: sealed at rest, bound to the destination. */
export interface FabricRecord {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly enabled: boolean
  readonly connection: ConnectionView
  readonly settings: FabricInput['settings']
  /** `configuration`: given in the file or on the command line; the API may not change its connection. */
  readonly origin: 'api' | 'configuration'
  readonly hasSecret: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

/** Credentials of a cluster. Only ever in memory and sealed in the store. */
export interface ClusterSecret {
  readonly token?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly password?: string
  readonly username?: string
}

/** Fabrics and their sealed credentials. */
export interface FabricStore {
  all(): Promise<readonly FabricRecord[]>
  get(id: number): Promise<FabricRecord | undefined>
  /** Throws CONFLICT when name or id is taken. Ids are given in order when absent. */
  create(record: Omit<FabricRecord, 'id' | 'hasSecret'> & { readonly id?: number }, secret: ClusterSecret | null): Promise<FabricRecord>
  /** `secret` undefined keeps the stored one; when the destination changed it is forgotten first (then CREDENTIAL_REQUIRED unless given). */
  update(
    id: number,
    change: Partial<Omit<FabricRecord, 'id' | 'hasSecret' | 'createdAt'>>,
    secret?: ClusterSecret | null,
  ): Promise<FabricRecord>
  remove(id: number): Promise<void>
  /** Throws CREDENTIAL_UNREADABLE when it cannot be opened. */
  secret(id: number): Promise<ClusterSecret | null>
}

/** The store as a whole. */
export interface StoreControl {
  /** A consistent copy while everything goes on; the copy holds a new epoch mark that takes effect when it is restored. */
  backup(path: string): Promise<{ readonly bytes: number }>
  /** Removes what is older than retention; returns what was removed. */
  applyRetention(): Promise<{ readonly events: number; readonly versions: number }>
  /** Heartbeat and figures of both threads. */
  health(): Promise<StoreHealth>
  close(): Promise<void>
}

/** Figures of the store. */
export interface StoreHealth {
  readonly ok: boolean
  readonly cause: Cause | null
  readonly head: number
  readonly oldest: number
  readonly databaseBytes: number
  readonly pendingFacts: number
  readonly commitMsP99: number
  readonly commits: number
}

/** Who may see what, asked by delivery and api. */
export interface Grants {
  /** Checks an access token (JWT) or API token. Throws NOT_AUTHENTICATED. */
  authenticate(token: string): Promise<Identity>
  /** The rights as they are now; undefined when the identity is gone (signed out, disabled, revoked, expired). */
  rightsOf(identity: Identity): Rights | undefined
  /** Called whenever rights of anybody change or end. */
  onChange(listener: (change: { readonly userId: string }) => void): () => void
}

/** Who is on the other side. */
export interface Identity {
  readonly userId: string
  readonly userName: string
  readonly rights: Rights
  /** What proves it: a sign-in or an API token. */
  readonly by: { readonly type: 'sign_in' | 'api_token'; readonly id: string }
  /** Milliseconds since 1970; null = no end. */
  readonly expiresAt: number | null
}

/** Live things of a fabric that no table holds. */
export interface LiveFabrics {
  watches(fabricId: number): readonly WatchStatus[]
  status(fabricId: number): { readonly status: FabricStatus; readonly since: number; readonly cause: Cause | null }
  /** Volatile values of a scope, with their age. */
  gauges(scope: string): readonly Gauge[]
  /** Calls back at most once a second per scope with the values that changed. */
  onGauges(listener: (values: readonly Gauge[]) => void): () => void
  /** "Sync from cluster": a fresh list of each kind, digest compared, differences become events. */
  syncCluster(fabricId: number, actor: string): Promise<SyncReport>
}

/** Adding, changing and testing fabrics; done by the app, asked by the API and the CLI. */
export interface FabricAdmin {
  list(): Promise<readonly FabricView[]>
  get(id: number): Promise<FabricView | undefined>
  create(input: FabricInput, actor: string): Promise<FabricView>
  update(id: number, input: FabricInput, actor: string): Promise<FabricView>
  remove(id: number, actor: string): Promise<void>
  /** Proves the watch: per kind list, watch and latency. `input` overrides what is stored; then its own credential must be given. */
  test(target: { readonly id: number } | { readonly connection: ConnectionInput }): Promise<ConnectionTestReport>
}

/** A parsed event for those who need the object; most pass the text on. */
export const parseEntry = (entry: LogEntry): BinnacleEvent => JSON.parse(entry.text) as BinnacleEvent
