import { Link } from '@tanstack/react-router'
import { kindOf } from '@binnacle/hedgehog'
import type { WatchStatus } from '@binnacle/protocol'
import { Age, TickingSeconds } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { WatchEvidence, methodText } from '../../parts/evidence.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { TONE_ORDER, toneOfWatch } from '../../parts/tones.ts'

/** Watches in the order of a careful look: the worst first, optional kinds that are not served last. */
export const inOrderOfCare = (watches: readonly WatchStatus[]): readonly WatchStatus[] =>
  watches.toSorted((a, b) => {
    const tones = TONE_ORDER.indexOf(toneOfWatch(b.state, b.expected)) - TONE_ORDER.indexOf(toneOfWatch(a.state, a.expected))
    return tones || Number(b.expected) - Number(a.expected) || a.kind.localeCompare(b.kind)
  })

/** The watch of each kind with its proof. `receivedAt`: when this was told, milliseconds since 1970. */
export function WatchTable({
  fabric,
  watches,
  receivedAt,
}: {
  readonly fabric: number
  readonly watches: readonly WatchStatus[]
  readonly receivedAt: number
}) {
  const shown = inOrderOfCare(watches.filter((watch) => watch.expected || watch.state !== 'not_served'))
  const unserved = watches.filter((watch) => !watch.expected && watch.state === 'not_served')
  return (
    <>
      <div className="table-scroll">
        <table className="table watch-table">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Watch</th>
              <th scope="col" className="num">
                Objects
              </th>
              <th scope="col" className="num" title="Age of the last byte, event or bookmark of the server">
                Proof
              </th>
              <th scope="col" className="num" title="Silence after which the watch counts as stale">
                Deadline
              </th>
              <th scope="col">Since</th>
              <th scope="col">Version</th>
              <th scope="col">Method</th>
              <th scope="col" className="num">
                Events
              </th>
              <th scope="col" className="num">
                Bookmarks
              </th>
              <th scope="col" className="num">
                Listings
              </th>
              <th scope="col" className="num">
                Reconnects
              </th>
              <th scope="col" className="num" title="Objects that could not be read or were too large">
                Set aside
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((watch) => {
              const kind = kindOf(watch.kind, watch.group)
              return [
                <tr key={`${watch.kind}.${watch.group}`} data-watch={watch.kind}>
                  <td className="nowrap">
                    {kind === undefined ? (
                      <DataText text={watch.kind} />
                    ) : (
                      <Link to="/$slug" params={{ slug: kind.slug }} search={{ fabric }}>
                        {kind.titlePlural}
                      </Link>
                    )}
                  </td>
                  <td>
                    <StatusBadge tone={toneOfWatch(watch.state, watch.expected)} word={watch.state} label={`watch of ${watch.kind}`}>
                      <WatchEvidence watch={watch} receivedAt={receivedAt} />
                    </StatusBadge>
                  </td>
                  <td className="num">{watch.objects ?? <span className="never">unknown</span>}</td>
                  <td className="num">
                    <TickingSeconds seconds={watch.seconds_since_proof} receivedAt={receivedAt} />
                  </td>
                  <td className="num dim">{watch.stall_deadline_seconds} s</td>
                  <td>
                    <Age of={watch.since} />
                  </td>
                  <td className="mono">{watch.resource_version === null ? '–' : <DataText text={watch.resource_version} />}</td>
                  <td className="nowrap dim">{methodText(watch.method)}</td>
                  <td className="num">{watch.counters.events}</td>
                  <td className="num">{watch.counters.bookmarks}</td>
                  <td className="num">{watch.counters.listings}</td>
                  <td className="num">{watch.counters.reconnects}</td>
                  <td className={`num${watch.counters.quarantined + watch.counters.handler_errors > 0 ? ' tone-degraded' : ''}`}>
                    {watch.counters.quarantined}
                    {watch.counters.handler_errors > 0 && ` (+${watch.counters.handler_errors} faults)`}
                  </td>
                </tr>,
                watch.cause !== null && (
                  <tr key={`${watch.kind}.${watch.group}.cause`} className="cause-row">
                    <td colSpan={13}>
                      <DataText text={watch.cause.message} /> <code>{watch.cause.code}</code>
                      <span className="dim">
                        {' '}
                        – <DataText text={watch.cause.remedy} />
                      </span>
                    </td>
                  </tr>
                ),
              ]
            })}
          </tbody>
        </table>
      </div>
      {unserved.length > 0 && (
        <p className="panel-foot dim">
          Not served by this cluster, and not needed:{' '}
          {unserved.map((watch) => kindOf(watch.kind, watch.group)?.titlePlural ?? watch.kind).join(', ')}.
        </p>
      )}
    </>
  )
}
