import { BinnacleError } from '@binnacle/protocol'
import Sqlite, { type Database } from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import { migrate } from './migrations.ts'

/** Page cache of each connection in KiB: bounded, so that 100,000 objects do not become resident memory. */
const CACHE_KIB = 32_768
/** WAL size in pages after which SQLite moves it into the database. */
const CHECKPOINT_PAGES = 2_000

/** Opens the writer's connection: creates or migrates the database and checks it after an unclean end. */
export function openForWriting(path: string, maxPages?: number): Database {
  const database = new Sqlite(path)
  database.pragma('auto_vacuum = INCREMENTAL')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  database.pragma(`cache_size = -${CACHE_KIB}`)
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  database.pragma('temp_store = MEMORY')
  const check = database.pragma('quick_check(1)', { simple: true })
  if (check !== 'ok') {
    database.close()
    throw new BinnacleError('STORE_CORRUPT', `${path}: ${String(check)}`)
  }
  migrate(database)
  if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`)
  const head = database.prepare('SELECT seq FROM log_head').get() as { seq: number } | undefined
  if (head === undefined) {
    database.prepare('INSERT INTO log_head (id, epoch, seq, oldest, term) VALUES (1, ?, 0, 0, 0)').run(newEpoch())
  } else {
    const last = (database.prepare('SELECT max(seq) AS seq FROM log').get() as { seq: number | null }).seq
    if (last !== null && last !== head.seq) {
      database.close()
      throw new BinnacleError('STORE_CORRUPT', `${path}: the head says ${head.seq}, the log ends at ${last}`)
    }
  }
  return database
}

/** Opens a reader's connection to a database that the writer has already brought up to date. */
export function openForReading(path: string): Database {
  const database = new Sqlite(path, { readonly: true, fileMustExist: true })
  database.pragma(`cache_size = -${CACHE_KIB}`)
  database.pragma('busy_timeout = 5000')
  database.pragma('temp_store = MEMORY')
  return database
}

/** A fresh epoch: 8 hexadecimal digits; two logs share one with a chance of 2⁻³². */
export const newEpoch = (): string => randomBytes(4).toString('hex')
