import { BinnacleError } from '@binnacle/protocol'
import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Files of an installation, all below one folder that only its owner can read. */
export interface DataDir {
  readonly path: string
  readonly database: string
  readonly adminSocket: string
  /** Ends the exclusive use of the folder. */
  release(): void
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The paths of an installation, without taking it. */
export function dataDirPaths(path: string): Omit<DataDir, 'release'> {
  return { path, database: join(path, 'binnacle.db'), adminSocket: join(path, 'admin.sock') }
}

/**
 * Takes the data folder for this process: one writer, one folder. Creates it (0700) when missing. Throws CONFLICT
 * with the holder's pid when another process has it; a file left by a dead process is taken over.
 */
export function takeDataDir(path: string): DataDir {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  const lock = join(path, 'process.lock')
  for (let attempt = 0; ; attempt += 1) {
    try {
      const file = openSync(lock, 'wx', 0o600)
      writeSync(file, String(process.pid))
      closeSync(file)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error
      const holder = Number(readFileSync(lock, 'utf8'))
      if (Number.isInteger(holder) && holder > 0 && holder !== process.pid && alive(holder)) {
        throw new BinnacleError('CONFLICT', `another Binnacle (process ${holder}) uses ${path}`, { cause: error })
      }
      rmSync(lock, { force: true })
    }
  }
  return { ...dataDirPaths(path), release: () => rmSync(lock, { force: true }) }
}

const HEX_KEY = /^[0-9a-f]{64}$/

/**
 * The key that seals credentials, 32 bytes: given directly, or from a file of mode 0600 that is made at first start.
 * A file others can read is refused (CREDENTIAL_UNREADABLE): the key has to be taken as known then.
 */
export function sealingKey(options: { readonly key: string | null; readonly file: string }): Buffer {
  if (options.key !== null) {
    if (!HEX_KEY.test(options.key))
      throw new BinnacleError('BAD_REQUEST', 'secret_key must be 64 hexadecimal digits', { places: [{ field: 'secret_key' }] })
    return Buffer.from(options.key, 'hex')
  }
  if (!existsSync(options.file)) {
    const file = openSync(options.file, 'wx', 0o600)
    writeSync(file, randomBytes(32).toString('hex'))
    closeSync(file)
  }
  if ((statSync(options.file).mode & 0o077) !== 0)
    throw new BinnacleError(
      'CREDENTIAL_UNREADABLE',
      `${options.file} can be read by others; give it mode 0600 and replace the key if others had access`,
    )
  const text = readFileSync(options.file, 'utf8').trim()
  if (!HEX_KEY.test(text)) throw new BinnacleError('CREDENTIAL_UNREADABLE', `${options.file} does not hold 64 hexadecimal digits`)
  return Buffer.from(text, 'hex')
}
