import type { JsonObject } from './json.ts'

/** One entry of Status.details.causes. */
export type StatusCause = { reason?: string; message: string; field?: string }

/** The resource an error is about; group may be empty. */
export interface StatusSubject {
  readonly group: string
  readonly resource: string
  readonly kind?: string
}

/** A `v1.Status` failure as the API sends it, thrown by handlers and written by the router. */
export class ApiStatusError extends Error {
  readonly code: number
  readonly body: JsonObject
  readonly headers: Record<string, string>

  constructor(code: number, reason: string, message: string, details?: JsonObject, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'ApiStatusError'
    this.code = code
    this.headers = headers
    this.body = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    }
  }
}

function qualified(subject: StatusSubject): string {
  return subject.group === '' ? subject.resource : `${subject.resource}.${subject.group}`
}

function details(subject: StatusSubject, name: string | undefined, more: JsonObject = {}): JsonObject {
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind: subject.resource,
    ...more,
  }
}

/** 404 for one object. */
export function notFound(subject: StatusSubject, name: string): ApiStatusError {
  return new ApiStatusError(404, 'NotFound', `${qualified(subject)} "${name}" not found`, details(subject, name))
}

/** 404 for a path nothing is served under. */
export function noSuchPath(): ApiStatusError {
  return new ApiStatusError(404, 'NotFound', 'the server could not find the requested resource', {})
}

/** 409 when the name is taken. */
export function alreadyExists(subject: StatusSubject, name: string): ApiStatusError {
  return new ApiStatusError(409, 'AlreadyExists', `${qualified(subject)} "${name}" already exists`, details(subject, name))
}

/** 409 for a failed precondition or an old resourceVersion. */
export function conflict(subject: StatusSubject, name: string, why: string): ApiStatusError {
  return new ApiStatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    details(subject, name),
  )
}

/** The sentence real servers use when an update carries an old resourceVersion. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

/** 422 with one cause per wrong field. */
export function invalid(subject: StatusSubject, kind: string, name: string, causes: readonly StatusCause[]): ApiStatusError {
  const lines = causes.map((cause) => (cause.field === undefined ? cause.message : `${cause.field}: ${cause.message}`))
  const said = lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`
  const qualifiedKind = subject.group === '' ? kind : `${kind}.${subject.group}`
  return new ApiStatusError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${said}`, {
    ...(name === '' ? {} : { name }),
    ...(subject.group === '' ? {} : { group: subject.group }),
    kind,
    causes: causes.map((cause) => ({ ...cause })),
  })
}

/** 400. */
export function badRequest(message: string): ApiStatusError {
  return new ApiStatusError(400, 'BadRequest', message)
}

/** 410: the resource version asked for is no longer kept. */
export function expired(message: string): ApiStatusError {
  return new ApiStatusError(410, 'Expired', message)
}

/** 504 with the cause clients look for when they are ahead of the server. */
export function tooLargeResourceVersion(asked: number, current: number): ApiStatusError {
  return new ApiStatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${asked}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    { 'Retry-After': '1' },
  )
}

/** 401. */
export function unauthorized(): ApiStatusError {
  return new ApiStatusError(401, 'Unauthorized', 'Unauthorized')
}

/** 403 from authorisation or admission; `why` follows the colon. */
export function forbidden(subject: StatusSubject, name: string, why: string): ApiStatusError {
  const object = name === '' ? `${qualified(subject)} is forbidden` : `${qualified(subject)} "${name}" is forbidden`
  return new ApiStatusError(403, 'Forbidden', `${object}: ${why}`, details(subject, name))
}

/** 405. */
export function methodNotAllowed(): ApiStatusError {
  return new ApiStatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

/** 415 with the media types that would be taken. */
export function unsupportedMediaType(sent: string, supported: readonly string[]): ApiStatusError {
  return new ApiStatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`,
    {},
    { 'X-Lab-Sent': sent.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200) },
  )
}
