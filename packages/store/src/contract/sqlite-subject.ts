import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore, type SqliteStoreOptions, type Store } from '../sqlite/open-sqlite-store.ts'
import { T0, TEST_PROJECTOR, type ContractSubject } from './subject.ts'

/** A SQLite store of a test, with the place of its file. */
export interface SqliteSubject extends ContractSubject {
  readonly store: Store
  readonly path: string
  readonly folder: string
  reopen(more?: Partial<SqliteStoreOptions>): Promise<SqliteSubject>
}

/** Options that suit tests; the key is fixed, time stands still at T0. */
export const testOptions = (path: string, more: Partial<SqliteStoreOptions> = {}): SqliteStoreOptions => ({
  path,
  projector: TEST_PROJECTOR,
  keys: { current: Buffer.alloc(32, 1) },
  retention: { eventsMs: 86_400_000, eventsMax: 1_000_000, versionsMs: 86_400_000, versionsPerObject: 20 },
  now: () => T0,
  ...more,
})

/** Opens a SQLite store in a folder of its own. */
export async function openSqliteSubject(more: Partial<SqliteStoreOptions> = {}): Promise<SqliteSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-store-'))
  const path = join(folder, 'store.db')
  const subject = async (options: SqliteStoreOptions): Promise<SqliteSubject> => {
    const store = await openSqliteStore(options)
    return {
      store,
      path,
      folder,
      reopen: async (change = {}) => {
        await store.control.close()
        return subject({ ...options, ...change })
      },
      dispose: async () => {
        await store.control.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  }
  return subject(testOptions(path, more))
}
