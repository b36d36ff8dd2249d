import type { ReactNode } from 'react'
import { Button } from '@mantine/core'
import type { Problem } from '@binnacle/protocol'
import { Moment } from './age.tsx'
import { DataText } from './data-text.tsx'
import { Sign } from './sign.tsx'

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

function problemIn(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const inner = (error as { problem?: unknown }).problem ?? error
  const candidate = inner as Partial<Problem>
  const { code, title, remedy } = candidate
  if (typeof code !== 'string' || typeof title !== 'string' || typeof remedy !== 'string') return undefined
  return { ...(candidate as Problem), detail: candidate.detail ?? title }
}

/** State 1 of every view: nothing is known yet. */
export function LoadingView({ what }: { readonly what: string }) {
  return (
    <output className="view-state">
      <span className="spinner" aria-hidden="true" />
      <span>Loading {what} …</span>
    </output>
  )
}

/** State 4 of every view: it failed; why, and what to do. */
export function FailedView({ what, error, retry }: { readonly what: string; readonly error: unknown; readonly retry?: () => void }) {
  const failure = failureOf(error)
  return (
    <div className="view-state view-failed" role="alert">
      <Sign tone="failed" size={22} />
      <div>
        <h2>Cannot show {what}</h2>
        <p>
          <DataText text={failure.title} />
          {failure.detail !== failure.title && (
            <>
              : <DataText text={failure.detail} />
            </>
          )}{' '}
          <code>{failure.code}</code>
        </p>
        <p className="dim">
          <strong>What to do:</strong> <DataText text={failure.remedy} />
        </p>
        {retry !== undefined && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  )
}

/** State 3 of every view: what is shown is old; since when and why. */
export function StaleNote({ since, children }: { readonly since: number | string; readonly children?: ReactNode }) {
  return (
    <output className="note note-stale">
      <Sign tone="stale" />
      <span>
        Stale since <Moment at={since} />
        {children !== undefined && <>: {children}</>}
      </span>
    </output>
  )
}

/** A line that tells something about the view. */
export function Note({
  tone,
  children,
}: {
  readonly tone: 'changing' | 'degraded' | 'failed' | 'unknown' | 'off'
  readonly children: ReactNode
}) {
  return (
    <output className={`note note-${tone}`}>
      <Sign tone={tone} />
      <span>{children}</span>
    </output>
  )
}

/** A place where nothing is, in words. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <p className="dim">{children}</p>}
    </div>
  )
}
