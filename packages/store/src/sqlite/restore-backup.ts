import { BinnacleError } from '@binnacle/protocol'
import Sqlite from 'better-sqlite3'
import { constants, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { migrate } from './migrations.ts'
import { newEpoch } from './open-database.ts'

/** The setting that counts restores: tokens and sign-ins made before the last one are void. */
export const KEY_GENERATION = 'key_generation'

/**
 * Makes a database from a backup: a new epoch, because history after the backup is lost and every reader must start
 * over, and a raised key generation, because what was revoked since must stay revoked. Throws CONFLICT when `to`
 * exists, STORE_CORRUPT when the backup is damaged.
 */
export function restoreBackup(from: string, to: string): void {
  if (existsSync(to)) throw new BinnacleError('CONFLICT', `${to} exists; move it away first`)
  const work = `${to}.restoring`
  rmSync(work, { force: true })
  copyFileSync(from, work, constants.COPYFILE_EXCL)
  const database = new Sqlite(work)
  try {
    const check = database.pragma('integrity_check(1)', { simple: true })
    if (check !== 'ok') throw new BinnacleError('STORE_CORRUPT', `${from}: ${String(check)}`)
    migrate(database)
    database.transaction(() => {
      database.prepare('UPDATE log_head SET epoch = ? WHERE id = 1').run(newEpoch())
      database
        .prepare(`INSERT INTO settings (name, value) VALUES (?, '1') ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1`)
        .run(KEY_GENERATION)
      database.prepare('UPDATE sign_ins SET ended_at = created_at WHERE ended_at IS NULL').run()
      database.prepare('DELETE FROM settings WHERE name = ?').run('setup_link')
    })()
    database.pragma('journal_mode = DELETE')
  } catch (error) {
    rmSync(work, { force: true })
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_'))
      throw new BinnacleError('STORE_CORRUPT', `${from}: ${(error as Error).message}`, { cause: error })
    throw error
  } finally {
    database.close()
  }
  renameSync(work, to)
}
