import { BinnacleError, errorCodeOf, type ErrorCode } from '@binnacle/protocol'

const TLS_TEXTS: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA that was not given',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not the CA that was given',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by a CA that was not given',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by a CA that was not given',
  CERT_SIGNATURE_FAILURE: 'its certificate does not carry the signature of the CA that was given',
  CERT_HAS_EXPIRED: 'its certificate has expired (or our clock is wrong)',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (or our clock is wrong)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

const isTls = (code: string): boolean =>
  Object.hasOwn(TLS_TEXTS, code) ||
  code.startsWith('ERR_SSL_') ||
  code.startsWith('ERR_OSSL_') ||
  code.startsWith('ERR_TLS_') ||
  code === 'EPROTO'

const codeOf = (error: unknown): string => {
  const direct = (error as { code?: unknown }).code
  return typeof direct === 'string' ? direct : ''
}

/** The innermost cause that carries a code. */
function root(error: unknown): { readonly code: string; readonly message: string } {
  let found = { code: codeOf(error), message: error instanceof Error ? error.message : String(error) }
  for (
    let next = (error as { cause?: unknown }).cause, depth = 0;
    next !== undefined && next !== null && depth < 5;
    next = (next as { cause?: unknown }).cause, depth += 1
  ) {
    if (codeOf(next) !== '') found = { code: codeOf(next), message: next instanceof Error ? next.message : codeOf(next) }
  }
  return found
}

/** An error of the network or of TLS as one of the catalogue, naming what is wrong. `where` is the server's address. */
export function networkError(error: unknown, where: string): BinnacleError {
  if (errorCodeOf(error) !== undefined) return error as BinnacleError
  const nested = (error as { cause?: unknown }).cause
  if (errorCodeOf(nested) !== undefined) return nested as BinnacleError
  const { code, message } = root(error)
  if (isTls(code)) return new BinnacleError('CLUSTER_TLS', `${where}: ${TLS_TEXTS[code] ?? `${code}: ${message}`}`, { cause: error })
  if (
    (error as { name?: unknown } | null)?.name === 'HTTPParserError' ||
    code.startsWith('HPE_') ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    code === 'UND_ERR_RESPONSE'
  )
    return new BinnacleError('CLUSTER_PROTOCOL', `${where}: ${code === '' ? '' : `${code}: `}${cleaned(message)}`, { cause: error })
  return new BinnacleError('CLUSTER_UNREACHABLE', `${where}: ${code === '' ? message : `${code}: ${message}`}`, { cause: error })
}

/** At most this much of a server's error text is kept. Bytes. */
export const ERROR_TEXT_BYTES = 1_024

/** A server's text, fit to be shown and logged: one line, no control or invisible characters, short. */
export const cleaned = (text: string): string =>
  text
    .slice(0, ERROR_TEXT_BYTES)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()

/** What a Kubernetes Status object says, as far as we need it. */
export interface StatusObject {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly retryAfterSeconds: number | undefined
}

/** Reads a Status object; undefined when the text is something else. */
export function statusObject(value: unknown): StatusObject | undefined {
  if (typeof value !== 'object' || value === null || (value as { kind?: unknown }).kind !== 'Status') return undefined
  const { code, reason, message, details } = value as {
    code?: unknown
    reason?: unknown
    message?: unknown
    details?: { retryAfterSeconds?: unknown }
  }
  return {
    code: typeof code === 'number' ? code : 0,
    reason: typeof reason === 'string' ? reason : '',
    message: cleaned(typeof message === 'string' ? message : ''),
    retryAfterSeconds: typeof details?.retryAfterSeconds === 'number' ? details.retryAfterSeconds : undefined,
  }
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'CLUSTER_UNAUTHORIZED',
  403: 'CLUSTER_FORBIDDEN',
  404: 'KIND_NOT_SERVED',
  410: 'WATCH_EXPIRED',
  429: 'CLUSTER_BUSY',
  500: 'CLUSTER_UNREACHABLE',
  502: 'CLUSTER_UNREACHABLE',
  503: 'CLUSTER_BUSY',
  504: 'CLUSTER_BUSY',
}

/** An answer that is not 2xx as an error of the catalogue. */
export function answerError(status: number, retryAfter: string | undefined, body: string, where: string): BinnacleError {
  let parsed: StatusObject | undefined
  try {
    parsed = statusObject(JSON.parse(body))
  } catch {
    // Not JSON: a proxy's page or a plain text; the status alone decides.
  }
  const seconds = parsed?.retryAfterSeconds ?? (retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined)
  const code = BY_STATUS[status] ?? 'CLUSTER_PROTOCOL'
  const said = parsed === undefined ? cleaned(body).slice(0, 200) : parsed.message
  return new BinnacleError(
    code,
    `${where} answered ${status}${said === '' ? '' : `: ${said}`}`,
    seconds === undefined ? {} : { retryAfterSeconds: seconds },
  )
}
