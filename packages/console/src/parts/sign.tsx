import type { ReactElement } from 'react'
import type { Tone } from './tones.ts'

const SHAPES: Readonly<Record<Tone, ReactElement>> = {
  healthy: <circle cx="6" cy="6" r="4.25" fill="currentColor" />,
  changing: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor" />
    </>
  ),
  degraded: <path d="M6 1.2 11.2 10.6H.8z" fill="currentColor" />,
  stale: (
    <>
      <circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 3.4V6l1.9 1.4" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  failed: (
    <>
      <rect x="1.2" y="1.2" width="9.6" height="9.6" rx="1.6" fill="currentColor" />
      <path d="m4 4 4 4m0-4L4 8" stroke="var(--sign-hole, var(--panel))" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  unknown: <path d="M6 .9 11.1 6 6 11.1.9 6z" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" />,
  off: <path d="M2 6h8" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />,
}

/** The shape of a tone, 12 pixels wide: circle, half circle, triangle, clock, crossed square, hollow diamond, dash. Always beside a word. */
export function Sign({ tone, size = 12 }: { readonly tone: Tone; readonly size?: number }) {
  return (
    <svg className={`sign tone-${tone}`} viewBox="0 0 12 12" width={size} height={size} aria-hidden="true" focusable="false">
      {SHAPES[tone]}
    </svg>
  )
}

/** The same shape inside another drawing, centred on a point. */
export function SignShape({
  tone,
  x,
  y,
  size = 12,
}: {
  readonly tone: Tone
  readonly x: number
  readonly y: number
  readonly size?: number
}) {
  return (
    <g className={`tone-${tone}`} transform={`translate(${x - size / 2} ${y - size / 2}) scale(${size / 12})`}>
      {SHAPES[tone]}
    </g>
  )
}
