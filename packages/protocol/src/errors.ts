import { z } from 'zod'

/** One entry of the error catalogue. `retry` tells a program whether the same call may succeed later. */
interface ErrorSpec {
  readonly status: number
  readonly retry: boolean
  readonly title: string
  readonly remedy: string
}

const spec = (status: number, retry: boolean, title: string, remedy: string): ErrorSpec => ({ status, retry, title, remedy })

/** Every error a person or program can get from Binnacle, with what to do about it. Compare `code`, never texts. */
export const ERRORS = {
  BAD_REQUEST: spec(400, false, 'The request cannot be understood', 'Correct the named field and send it again.'),
  UNKNOWN_FIELD: spec(400, false, 'The request has a field that does not exist', 'Remove the field or use the nearest known name.'),
  BAD_CURSOR: spec(400, false, 'The cursor is not one of ours', 'Start the list again without a cursor.'),
  NOT_AUTHENTICATED: spec(401, false, 'Not signed in', 'Sign in, or send a valid token.'),
  WRONG_CREDENTIALS: spec(401, false, 'Name or password is wrong', 'Check both; after too many attempts wait.'),
  FORBIDDEN: spec(403, false, 'Not allowed', 'Ask an administrator for a grant on this scope.'),
  ORIGIN_REFUSED: spec(403, false, 'The request comes from a foreign page', 'Open the console at its own address.'),
  NOT_FOUND: spec(404, false, 'There is no such thing, or you may not see it', 'Check the name and your grants.'),
  CONFLICT: spec(409, false, 'It changed meanwhile, or it exists already', 'Read it again and repeat the change.'),
  GONE: spec(410, false, 'It is used up or expired', 'Ask for a new one.'),
  TOO_LARGE: spec(413, false, 'The request is too large', 'Send less.'),
  UNSUPPORTED_MEDIA_TYPE: spec(415, false, 'The content type is not accepted here', 'Send application/json.'),
  HOST_REFUSED: spec(421, false, 'This server does not answer for that host name', 'Use the configured address.'),
  INVALID: spec(422, false, 'The content is not acceptable', 'Correct what is named.'),
  DESTINATION_DENIED: spec(
    422,
    false,
    'That address may not be used as a destination',
    'Use an allowed address, or let the operator allow it in the configuration.',
  ),
  KUBECONFIG_UNREADABLE: spec(422, false, 'The kubeconfig cannot be read', 'Give a complete kubeconfig with the credentials inside it.'),
  KUBECONFIG_FORBIDDEN: spec(
    422,
    false,
    'The kubeconfig runs a program or reads local files',
    'Such connections can only be given on the command line or in the configuration file.',
  ),
  CREDENTIAL_REQUIRED: spec(422, false, 'The address changed, so the stored credential was forgotten', 'Give the credential again.'),
  RATE_LIMITED: spec(429, true, 'Too many requests', 'Wait and try again.'),
  INTERNAL: spec(500, true, 'Something broke inside Binnacle', 'Look in the log for the correlation id.'),
  FEATURE_DISABLED: spec(501, false, 'This feature is switched off', 'Switch it on in the configuration.'),
  UNAVAILABLE: spec(503, true, 'Not available right now', 'Try again in a moment.'),
  AUDIT_UNAVAILABLE: spec(
    503,
    true,
    'The audit log cannot be written, so nothing is changed',
    'Free disk space or repair the store; reading goes on.',
  ),
  STORE_UNAVAILABLE: spec(503, true, 'The store cannot be written', 'Look at disk space and permissions; what was acknowledged is kept.'),
  STORE_CORRUPT: spec(500, false, 'The store is damaged', 'Restore a backup; a new epoch begins.'),
  STORE_TOO_NEW: spec(500, false, 'The store was written by a newer Binnacle', 'Use that version, or migrate back with it first.'),
  CREDENTIAL_UNREADABLE: spec(
    500,
    false,
    'A stored credential cannot be decrypted',
    'Bring back the right key, or give the credential again.',
  ),
  LOG_EPOCH_CHANGED: spec(
    409,
    false,
    'The log was re-created; positions of the old one mean nothing',
    'Read a new snapshot and go on from its position.',
  ),
  STALE_TERM: spec(409, false, 'Another process took over', 'Stop; the new holder goes on.'),
  CLUSTER_UNREACHABLE: spec(502, true, 'The cluster does not answer', 'Check address, network and firewall.'),
  CLUSTER_TLS: spec(502, true, 'The certificate of the cluster is not accepted', 'Give the CA that signed it; check the host name.'),
  CLUSTER_UNAUTHORIZED: spec(
    502,
    true,
    'The cluster does not accept the credential',
    'Give a new token or certificate; the old one may have expired.',
  ),
  CLUSTER_FORBIDDEN: spec(
    502,
    true,
    'The account may not read this kind',
    'Grant get, list and watch on it to the account (docs/watching.md has the manifest).',
  ),
  KIND_NOT_SERVED: spec(502, true, 'The cluster does not serve this kind', 'Install the CRD, or disable the kind for this fabric.'),
  KIND_OTHER_VERSION: spec(
    502,
    true,
    'The cluster serves this kind in another version only',
    'Upgrade the cluster, or use a Binnacle that knows that version.',
  ),
  WATCH_EXPIRED: spec(502, true, 'The cluster no longer knows our position', 'Nothing to do: a complete listing follows.'),
  WATCH_STALLED: spec(
    502,
    true,
    'The watch is silent beyond its deadline',
    'Nothing to do: it is opened again; if it recurs look at proxies in between.',
  ),
  CLUSTER_BUSY: spec(502, true, 'The cluster asks us to wait', 'Nothing to do: we try again when it said.'),
  CLUSTER_PROTOCOL: spec(
    502,
    true,
    'The cluster answered something that is not the Kubernetes protocol',
    'Check that the address is a Kubernetes API server.',
  ),
  OBJECT_MALFORMED: spec(502, false, 'An object could not be read', 'Look at the object in the cluster; the other objects go on.'),
  OBJECT_TOO_LARGE: spec(502, false, 'An object is larger than the limit', 'Make it smaller, or raise the limit in the configuration.'),
} as const satisfies Record<string, ErrorSpec>

/** A code of the catalogue. */
export type ErrorCode = keyof typeof ERRORS

/** Where bad input stands. `line` and `column` count from 1; `field` is a JSON pointer or a configuration key. */
export interface ErrorPlace {
  readonly file?: string
  readonly document?: number
  readonly line?: number
  readonly column?: number
  readonly field?: string
}

/** The one error class. `detail` says what happened this time; the catalogue says what to do. */
export class BinnacleError extends Error {
  readonly code: ErrorCode
  readonly places: readonly ErrorPlace[]
  /** Seconds after which a retry makes sense, where somebody told us. */
  readonly retryAfterSeconds: number | undefined
  constructor(
    code: ErrorCode,
    detail?: string,
    options: { cause?: unknown; places?: readonly ErrorPlace[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail ?? ERRORS[code].title, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BinnacleError'
    this.code = code
    this.places = options.places ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** The code of an error, wherever it was made; `undefined` when it is not ours. Use this across packages, not `instanceof`. */
export function errorCodeOf(error: unknown): ErrorCode | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : undefined
}

/** What went wrong, why and what to do: the form in which causes are shown on screens, in `fabric test` and in logs. */
export const causeSchema = z.object({ code: z.string(), message: z.string(), remedy: z.string() })
/** See {@link causeSchema}. */
export type Cause = z.infer<typeof causeSchema>

/** Any error as a {@link Cause}. Errors that are not ours become INTERNAL and keep their message out of sight. */
export function causeOf(error: unknown): Cause {
  const code = errorCodeOf(error) ?? 'INTERNAL'
  const message = errorCodeOf(error) === undefined ? ERRORS.INTERNAL.title : (error as Error).message
  return { code, message, remedy: ERRORS[code].remedy }
}

/** RFC 9457 problem details with our `code`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  retry: z.boolean(),
  remedy: z.string(),
  correlation_id: z.string().optional(),
  errors: z
    .array(
      z.object({
        field: z.string().optional(),
        file: z.string().optional(),
        document: z.int().optional(),
        line: z.int().optional(),
        column: z.int().optional(),
        message: z.string().optional(),
      }),
    )
    .optional(),
})
/** See {@link problemSchema}. */
export type Problem = z.infer<typeof problemSchema>

/** A catalogue error as problem details. */
export function problemOf(error: BinnacleError, correlationId?: string): Problem {
  const entry = ERRORS[error.code]
  return {
    type: `urn:binnacle:error:${error.code}`,
    title: entry.title,
    status: entry.status,
    detail: error.message,
    code: error.code,
    retry: entry.retry,
    remedy: entry.remedy,
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    ...(error.places.length === 0 ? {} : { errors: [...error.places] }),
  }
}
