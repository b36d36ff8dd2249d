import type { ReactNode } from 'react'
import { Button } from '@mantine/core'
import { DataText } from './data-text.tsx'
import { failureOf } from './failure.ts'
import { Sign } from './sign.tsx'

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
