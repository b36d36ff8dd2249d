import { ERRORS, problemSchema, type Problem } from '@binnacle/protocol'

/** A refused or failed REST call. `code` is the catalogue's; `problem` has cause and remedy. */
export class RestError extends Error {
  readonly code: string
  readonly status: number
  readonly retry: boolean
  readonly remedy: string
  readonly problem: Problem

  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail, cause === undefined ? undefined : { cause })
    this.name = 'RestError'
    this.code = problem.code
    this.status = problem.status
    this.retry = problem.retry
    this.remedy = problem.remedy
    this.problem = problem
  }
}

/** Problem details made on this side, for answers that carry none. */
export function localProblem(code: 'UNAVAILABLE' | 'INTERNAL', status: number, detail: string): Problem {
  const entry = ERRORS[code]
  return {
    type: `urn:binnacle:error:${code}`,
    title: entry.title,
    status,
    detail,
    code,
    retry: entry.retry,
    remedy: entry.remedy,
  }
}

/** The error of an answer that was not a success. */
export function restErrorOf(status: number, body: unknown): RestError {
  const parsed = problemSchema.safeParse(body)
  return new RestError(
    parsed.success
      ? parsed.data
      : localProblem(
          status >= 500 ? 'UNAVAILABLE' : 'INTERNAL',
          status,
          `the server answered ${status} without an explanation; something in between may have answered`,
        ),
  )
}
