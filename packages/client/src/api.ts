import { localProblem, RestError, restErrorOf } from './rest-error.ts'

/** A guard for a body: any schema of protocol's `rest` module. */
export interface Schema<T> {
  parse(value: unknown): T
}

/** What {@link createApi} needs. */
export interface ApiOptions {
  /** Where the API lives, without a slash at the end, e.g. `/api/v1`. */
  readonly base: string
  /** The access token now; null = not signed in. */
  readonly token: () => string | null | Promise<string | null>
  /** Called after a 401. When it resolves to true there is a new token and the call is made once more. */
  readonly onUnauthorized?: () => Promise<boolean>
  readonly fetch?: typeof fetch
  /** Milliseconds after which a call is given up. Default 15,000. */
  readonly deadlineMs?: number
}

/** Parts of one call. */
export interface CallOptions {
  /** Query parameters; `undefined` and empty ones are left out, lists are joined by commas. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Typed REST: every answer passes its schema; every refusal is a {@link RestError}. */
export interface Api {
  get<T>(path: string, schema: Schema<T>, options?: CallOptions): Promise<T>
  post<T>(path: string, body: unknown, schema: Schema<T>, options?: CallOptions): Promise<T>
  put<T>(path: string, body: unknown, schema: Schema<T>, options?: CallOptions): Promise<T>
  patch<T>(path: string, body: unknown, schema: Schema<T>, options?: CallOptions): Promise<T>
  delete<T>(path: string, schema: Schema<T>, options?: CallOptions): Promise<T>
}

/** The schema of an answer without a body. */
export const noContent: Schema<undefined> = { parse: () => undefined }

/** A call is given up after this many milliseconds. */
export const DEFAULT_DEADLINE_MS = 15_000

function queryText(query: CallOptions['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]): [string, string][] =>
    value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
      ? []
      : [[key, Array.isArray(value) ? value.join(',') : String(value)]],
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

async function bodyOf(answer: Response): Promise<unknown> {
  const text = await answer.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Not JSON: a proxy's page, for example. The status decides what is said about it.
    return undefined
  }
}

/** Makes the REST side of the SDK. Nothing is sent before the first call. */
export function createApi(options: ApiOptions): Api {
  const doFetch = options.fetch ?? fetch

  async function once(method: string, url: string, body: unknown, call: CallOptions): Promise<{ answer: Response; content: unknown }> {
    const token = await options.token()
    const deadline = AbortSignal.timeout(call.deadlineMs ?? options.deadlineMs ?? DEFAULT_DEADLINE_MS)
    try {
      const answer = await doFetch(url, {
        method,
        signal: call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]),
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...call.headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { answer, content: await bodyOf(answer) }
    } catch (error) {
      // The caller's own abort stays what it is; everything else is "no answer".
      if (call.signal?.aborted === true) throw error
      throw new RestError(localProblem('UNAVAILABLE', 0, deadline.aborted ? 'no answer in time' : 'the server cannot be reached'), error)
    }
  }

  async function run<T>(method: string, path: string, body: unknown, schema: Schema<T>, call: CallOptions = {}): Promise<T> {
    const url = `${options.base}/${path}${queryText(call.query)}`
    let { answer, content } = await once(method, url, body, call)
    if (answer.status === 401 && options.onUnauthorized !== undefined && (await options.onUnauthorized()))
      ({ answer, content } = await once(method, url, body, call))
    if (!answer.ok) throw restErrorOf(answer.status, content)
    try {
      return schema.parse(content)
    } catch (error) {
      throw new RestError(localProblem('INTERNAL', answer.status, `the answer of ${method} ${path} is not of the protocol`), error)
    }
  }

  return {
    get: (path, schema, call) => run('GET', path, undefined, schema, call),
    post: (path, body, schema, call) => run('POST', path, body, schema, call),
    put: (path, body, schema, call) => run('PUT', path, body, schema, call),
    patch: (path, body, schema, call) => run('PATCH', path, body, schema, call),
    delete: (path, schema, call) => run('DELETE', path, undefined, schema, call),
  }
}
