import { BinnacleError, errorCodeOf, type ErrorCode } from '@binnacle/protocol'

/** A call to a thread of the store. */
export interface Call {
  readonly id: number
  readonly operation: string
  readonly args: readonly unknown[]
}

/** The answer to a {@link Call}. */
export type Reply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly message: string }

/** Codes of SQLite and the system that mean "cannot be written now": the database itself is unharmed. */
const NOT_NOW =
  /^(SQLITE_FULL|SQLITE_IOERR|SQLITE_BUSY|SQLITE_LOCKED|SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_NOMEM|ENOSPC|EACCES|EROFS|EDQUOT)/

/** Any error of a store thread as an error of the catalogue. */
export function asStoreError(error: unknown): BinnacleError {
  const ours = errorCodeOf(error)
  if (ours !== undefined)
    return error instanceof BinnacleError ? error : new BinnacleError(ours, (error as Error).message, { cause: error })
  const given = (error as { code?: unknown } | undefined)?.code
  const code = typeof given === 'string' ? given : ''
  const message = error instanceof Error ? error.message : String(error)
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new BinnacleError('STORE_CORRUPT', message, { cause: error })
  if (NOT_NOW.test(code)) return new BinnacleError('STORE_UNAVAILABLE', `${code}: ${message}`, { cause: error })
  return new BinnacleError('INTERNAL', `${code} ${message}`.trim(), { cause: error })
}

/** The reply that carries an error across the thread. */
export function errorReply(id: number, error: unknown): Reply {
  const { code, message } = asStoreError(error)
  return { id, ok: false, code, message }
}
