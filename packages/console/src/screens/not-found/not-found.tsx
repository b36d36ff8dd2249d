import { Link } from '@tanstack/react-router'
import { Sign } from '../../parts/sign.tsx'
import { FailedView } from '../../parts/view-state.tsx'

/** The page for an address that leads nowhere. */
export function NotFoundScreen() {
  return (
    <div className="view-state view-failed">
      <Sign tone="unknown" size={22} />
      <div>
        <h2>There is no such page</h2>
        <p className="dim">
          The address may be mistyped or from an older version. Lists are called like <code>/vpcs</code> or <code>/vpc-attachments</code>.
        </p>
        <Link to="/fabrics">Go to the fabrics</Link>
      </div>
    </div>
  )
}

/** The page for an error inside a screen. */
export function ErrorScreen({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return <FailedView what="this page" error={error} retry={reset} />
}
