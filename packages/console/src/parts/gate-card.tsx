import type { ReactNode } from 'react'
import { Logo } from '../shell/logo.tsx'

/** The card of the pages before sign-in. */
export function GateCard({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="gate">
      <main className="gate-card">
        <div className="gate-brand">
          <Logo size={34} />
          <span>Binnacle</span>
        </div>
        <h1>{title}</h1>
        {children}
      </main>
      <p className="gate-foot dim">A live view of network fabrics that proves what it shows.</p>
    </div>
  )
}
