import type { ReactNode } from 'react'
import type { Cause, DerivedStatus, WatchStatus } from '@binnacle/protocol'
import { Age, Moment, TickingSeconds } from './age.tsx'
import { DataText, StatusText } from './data-text.tsx'
import { Sign } from './sign.tsx'
import { toneOfHealth, toneOfWatch, wordOf } from './tones.ts'

/** A two-column list of facts. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

/** One named fact. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

/** What went wrong and what to do about it. */
export function CauseNote({ cause }: { readonly cause: Cause }) {
  return (
    <div className="cause" role="note">
      <p>
        <Sign tone="degraded" /> <DataText text={cause.message} /> <code>{cause.code}</code>
      </p>
      <p className="dim">
        <strong>What to do:</strong> <DataText text={cause.remedy} />
      </p>
    </div>
  )
}

/** What a derived status was derived from. */
export function DerivedEvidence({ status, changedAt }: { readonly status: DerivedStatus | null; readonly changedAt?: string }) {
  if (status === null)
    return (
      <>
        <p className="evidence-head">No status can be derived</p>
        <p className="dim">Objects of this kind carry no status of their own, and nothing that Binnacle sees tells one.</p>
      </>
    )
  return (
    <>
      <p className="evidence-head">
        <Sign tone={toneOfHealth(status.health)} /> <StatusText text={status.text} />
      </p>
      <p className="dim">Derived from</p>
      {status.from.length === 0 ? (
        <p>nothing that was observed</p>
      ) : (
        <ul className="evidence-list">
          {status.from.map((source) => (
            <li key={`${source.kind}/${source.name}/${source.fact}`}>
              <span className="dim">{source.kind}</span> <DataText text={source.name} />: <DataText text={source.fact} />
            </li>
          ))}
        </ul>
      )}
      {changedAt !== undefined && (
        <p className="dim">
          Last change seen <Age of={changedAt} ago />
        </p>
      )}
    </>
  )
}

/** How the method of a watch is called on screen. */
export const methodText = (method: string | null): string =>
  method === 'watch_list' ? 'watch-list' : method === 'list' ? 'list, then watch' : 'none yet'

/** What proves the state of a watch. `receivedAt`: when we were told, milliseconds since 1970. */
export function WatchEvidence({ watch, receivedAt }: { readonly watch: WatchStatus; readonly receivedAt: number }) {
  return (
    <>
      <p className="evidence-head">
        <Sign tone={toneOfWatch(watch.state, watch.expected)} /> {watch.kind}: {wordOf(watch.state)}
      </p>
      <Facts>
        <Fact name="Last proof">
          <TickingSeconds seconds={watch.seconds_since_proof} receivedAt={receivedAt} />
          {watch.seconds_since_proof !== null && ' ago'} <span className="dim">(any byte, event or bookmark of the server)</span>
        </Fact>
        <Fact name="Deadline">stale after {watch.stall_deadline_seconds} s of silence</Fact>
        <Fact name="In this state">
          since <Moment at={watch.since} />
        </Fact>
        <Fact name="Source">
          Kubernetes API, <DataText text={`${watch.plural}.${watch.group}/${watch.version}`} />, {methodText(watch.method)}
        </Fact>
        <Fact name="Version">
          <DataText text={watch.resource_version ?? 'none yet'} className="mono" />
        </Fact>
        <Fact name="Told us">
          <Age of={receivedAt} ago />
        </Fact>
      </Facts>
      {watch.cause !== null && <CauseNote cause={watch.cause} />}
    </>
  )
}
