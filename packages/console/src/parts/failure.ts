import { ERRORS } from '@binnacle/protocol'
import type { ErrorCode, Problem } from '@binnacle/protocol'

/** A failure in words: what, why and what to do. */
export interface Failure {
  readonly title: string
  readonly detail: string
  readonly remedy: string
  readonly code: string
}

/** Any thrown value as a {@link Failure}. What is not a problem of ours is most often a network that did not answer. */
export function failureOf(error: unknown): Failure {
  const found = problemIn(error)
  if (found !== undefined) return { title: found.title, detail: found.detail, remedy: found.remedy, code: found.code }
  if (error instanceof TypeError)
    return {
      title: 'Binnacle does not answer',
      detail: 'The request did not reach the server.',
      remedy: 'Check that Binnacle runs and that the network to it is up; this page tries again by itself.',
      code: 'UNAVAILABLE',
    }
  return {
    title: 'Something broke in this page',
    detail: error instanceof Error ? error.message : 'No further detail is known.',
    remedy: 'Reload the page; if it happens again, report what you did.',
    code: 'INTERNAL',
  }
}

/** Whether asking again may help: not where the catalogue says that the same question gets the same answer. */
export function mayHelp(error: unknown): boolean {
  const code = problemIn(error)?.code
  return code === undefined || !Object.hasOwn(ERRORS, code) || ERRORS[code as ErrorCode].retry
}

function problemIn(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const inner = (error as { problem?: unknown }).problem ?? error
  const candidate = inner as Partial<Problem>
  const { code, title, remedy } = candidate
  if (typeof code !== 'string' || typeof title !== 'string' || typeof remedy !== 'string') return undefined
  return { ...(candidate as Problem), detail: candidate.detail ?? title }
}
