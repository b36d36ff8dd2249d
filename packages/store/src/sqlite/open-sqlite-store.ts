import {
  BinnacleError,
  causeOf,
  type AccountStore,
  type AuditLog,
  type Cause,
  type CommittedBatch,
  type EventLog,
  type FabricStore,
  type FactSink,
  type Inventory,
  type ListQuery,
  type StoreControl,
} from '@binnacle/protocol'
import { sealedFabrics } from '../accounts/sealed-fabrics.ts'
import { COLUMN_NAME } from '../inventory/sort-index.ts'
import type { RetentionOptions } from '../log/retention.ts'
import type { SealingKeys } from '../sealing/seal.ts'
import { FactQueue } from './fact-queue.ts'
import { StoreThread } from './thread.ts'
import type { WriterData } from './writer.ts'

/** How a store is opened. */
export interface SqliteStoreOptions {
  /** The database file; made when missing. */
  readonly path: string
  /** A module that exports `createProjector`, loaded by the writer thread. */
  readonly projector: URL
  readonly keys: SealingKeys
  readonly retention: RetentionOptions
  /** The time by which retention counts, milliseconds since 1970. */
  readonly now: () => number
  /** Told when something went wrong that no caller waits for. */
  readonly onWarning?: (text: string) => void
  /** Size limit of the database in pages of 4 KiB; beyond it writes fail as on a full disk. */
  readonly maxPages?: number
}

/** Everything that is kept, behind the ports. */
export interface Store {
  readonly facts: FactSink
  readonly log: EventLog
  readonly inventory: Inventory
  readonly accounts: AccountStore
  readonly audit: AuditLog
  readonly fabrics: FabricStore
  readonly control: StoreControl
}

/** The threads must be ready within this time; a large database that was not closed cleanly is checked first. */
const OPEN_MS = 120_000
/** A writer that does not tell its figures within this time does not work. */
const HEALTH_MS = 5_000
/** A backup of a large database takes its time. */
const BACKUP_MS = 3_600_000

const threadFile = (name: string): URL => new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

type Notice = CommittedBatch & {
  readonly ready?: { readonly epoch: string; readonly seq: number; readonly oldest: number } | true
  readonly oldest?: number
  readonly warning?: string
}

function within<T>(promise: Promise<T>, thread: StoreThread, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new BinnacleError('STORE_UNAVAILABLE', `${what} was not ready within ${OPEN_MS / 1000} s`)),
    OPEN_MS,
  )
  // A thread that dies before it is ready fails the first call made to it, with its reason.
  const died = thread.call('state', [], OPEN_MS).then(() => promise)
  return Promise.race([promise, late, died]).finally(() => clearTimeout(timer))
}

/** Calls by the names of a port: `accounts.userById` and so on. */
const portOf = <Port extends object>(
  prefix: string,
  names: readonly (keyof Port & string)[],
  call: (operation: string, args: readonly unknown[]) => Promise<unknown>,
): Port => Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => call(`${prefix}.${name}`, args)])) as Port

const ACCOUNT_CALLS = [
  'users',
  'userById',
  'userByName',
  'createUser',
  'updateUser',
  'deleteUser',
  'signIn',
  'signIns',
  'createSignIn',
  'rotateSignIn',
  'endSignIns',
  'tokens',
  'tokenByHash',
  'createToken',
  'revokeToken',
  'touchToken',
  'putSetupLink',
  'claimSetupLink',
  'setting',
  'putSetting',
] as const satisfies readonly (keyof AccountStore)[]

/**
 * Opens the embedded store: one writer thread, one reader thread. Throws STORE_CORRUPT, STORE_TOO_NEW or
 * STORE_UNAVAILABLE; nothing is left running then.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const followers = new Set<(batch: CommittedBatch) => void>()
  let state = { epoch: '', head: 0, oldest: 0 }
  const opened = Promise.withResolvers<void>()
  const writer = new StoreThread(
    threadFile('writer'),
    {
      path: options.path,
      projector: options.projector.href,
      retention: options.retention,
      ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
    } satisfies WriterData,
    (received) => {
      const notice = received as Notice
      if (notice.warning !== undefined) options.onWarning?.(notice.warning)
      else if (typeof notice.ready === 'object') {
        state = { epoch: notice.ready.epoch, head: notice.ready.seq, oldest: notice.ready.oldest }
        opened.resolve()
      } else if (notice.oldest !== undefined) state = { ...state, oldest: notice.oldest }
      else {
        state = { ...state, head: notice.to }
        for (const follower of followers) {
          try {
            follower(notice)
          } catch (error) {
            // A follower's fault must not reach the others, nor the callers whose facts were committed.
            options.onWarning?.(`a follower of the log failed: ${error instanceof Error ? error.message : String(error)}`)
          }
        }
      }
    },
  )
  let reader: StoreThread
  try {
    await within(opened.promise, writer, 'the writer')
    reader = new StoreThread(threadFile('reader'), { path: options.path }, () => undefined)
  } catch (error) {
    await writer.close()
    throw error
  }
  const write = <T>(operation: string, args: readonly unknown[], deadlineMs?: number): Promise<T> =>
    writer.call<T>(operation, args, deadlineMs)
  const read = <T>(operation: string, args: readonly unknown[]): Promise<T> => reader.call<T>(operation, args)
  const queue = new FactQueue(write)
  const log: EventLog = {
    state: () => state,
    read: (from, filter, readOptions) => read('read', [from, filter, readOptions]),
    latest: (filter, readOptions) => read('latest', [filter, readOptions]),
    resolve: (start) => read('resolve', [start]),
    follow: (onBatch) => {
      followers.add(onBatch)
      return () => followers.delete(onBatch)
    },
  }
  const inventory: Inventory = {
    list: async (query) => {
      if (query.sort !== undefined) await ensured(query, query.sort.column)
      return read('list', [query])
    },
    get: (key) => read('get', [key]),
    counts: (scope) => read('counts', [scope]),
    references: (key) => read('references', [key]),
    versions: (key, limit) => read('versions', [key, limit]),
    documents: (scope, kinds, limit) => read('documents', [scope, kinds, limit]),
    digest: (scope, group, kind) => read('digest', [scope, group, kind]),
  }
  const indexed = new Set<string>()
  const ensured = async ({ scopes, group, kind }: ListQuery, column: string): Promise<void> => {
    const [scope] = scopes
    const id = JSON.stringify([group, kind, column])
    if (scope === undefined || scopes.length > 1 || column === 'name' || !COLUMN_NAME.test(column) || indexed.has(id)) return
    try {
      if (await write<boolean>('sortIndex', [scope, group, kind, column], OPEN_MS)) indexed.add(id)
    } catch (error) {
      // Without its index a list is slower, not wrong.
      options.onWarning?.(error instanceof Error ? error.message : String(error))
    }
  }
  return {
    facts: queue,
    log,
    inventory,
    accounts: portOf<AccountStore>('accounts', ACCOUNT_CALLS, write),
    audit: portOf<AuditLog>('audit', ['append', 'latest', 'verify'], write),
    fabrics: sealedFabrics(write, options.keys),
    control: {
      backup: async (path) => {
        await write('backup', [path], BACKUP_MS)
        const { statSync } = await import('node:fs')
        return { bytes: statSync(path).size }
      },
      applyRetention: () => write('retention', [options.now()], BACKUP_MS),
      health: async () => {
        const cause = writer.cause ?? reader.cause
        const base = { head: state.head, oldest: state.oldest, databaseBytes: 0, commitMsP99: 0, commits: 0 }
        if (cause !== null) return { ok: false, cause, pendingFacts: queue.pending, ...base }
        try {
          const { failure, ...figures } = await write<typeof base & { readonly failure: Cause | null }>('health', [], HEALTH_MS)
          return { ok: failure === null, cause: failure, pendingFacts: queue.pending, ...figures }
        } catch (error) {
          return { ok: false, cause: causeOf(error), pendingFacts: queue.pending, ...base }
        }
      },
      close: async () => {
        await reader.close()
        await writer.close()
      },
    },
  }
}
