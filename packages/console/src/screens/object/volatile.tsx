import type { HeldGauge } from '@binnacle/client'
import type { ResourceDetail } from '@binnacle/protocol'
import { Age, TickingSeconds } from '../../parts/age.tsx'
import { DataText, StatusText } from '../../parts/data-text.tsx'
import { wordOf } from '../../parts/tones.ts'
import { gaugeViews } from './gauge-table.ts'
import type { GaugeView } from './gauge-table.ts'

function GaugeValue({ view }: { readonly view: GaugeView }) {
  if ('text' in view) return <StatusText text={view.text} />
  const others = view.quiet === 0 ? undefined : `${view.rows.length === 0 ? 'all' : 'the other'} ${view.quiet} read zero`
  return (
    <>
      {view.rows.length > 0 && (
        <table className="table figures">
          <thead>
            <tr>
              <th scope="col">Name</th>
              {view.columns.map((column) => (
                <th key={column} scope="col" className="num">
                  <DataText text={column} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row) => (
              <tr key={row.name}>
                <td>
                  <DataText text={row.name} />
                </td>
                {row.cells.map((cell, index) => (
                  <td key={view.columns[index]} className="num">
                    <DataText text={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {others !== undefined && <span className="dim">{others}</span>}
    </>
  )
}

/** What is known of an object beyond its document: judgements that were kept, and values that only live in memory, with their age. */
export function Volatile({
  detail,
  receivedAt,
  live,
}: {
  readonly detail: ResourceDetail
  /** When the snapshot came, milliseconds since 1970. */
  readonly receivedAt: number
  /** Values that came since, newer than those of the snapshot. */
  readonly live: readonly HeldGauge[]
}) {
  const gauges: readonly HeldGauge[] = live.length > 0 ? live : detail.gauges.map((gauge) => ({ ...gauge, receivedAt }))
  const signals = Object.entries(detail.signals)
  if (signals.length === 0 && gauges.length === 0) return null
  return (
    <section className="panel" aria-label="Signals and gauges">
      <div className="panel-head">
        <h2>Signals and gauges</h2>
        <span className="panel-note">judged or measured by Binnacle, not part of the document</span>
      </div>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Value</th>
              <th scope="col" className="num">
                Age
              </th>
            </tr>
          </thead>
          <tbody>
            {signals.map(([name, signal]) => (
              <tr key={`signal.${name}`}>
                <td>
                  {wordOf(name)} <span className="dim">signal</span>
                </td>
                <td>
                  <DataText text={signal.value} />
                </td>
                <td className="num">
                  <Age of={signal.since} />
                </td>
              </tr>
            ))}
            {gauges.flatMap((gauge) =>
              Object.entries(gauge.values)
                .flatMap(([name, value]) => gaugeViews(name, value))
                .map((view) => (
                  <tr key={`gauge.${gauge.kind}.${gauge.name}.${view.name}`}>
                    <td>
                      {wordOf(view.name)} <span className="dim">gauge</span>
                    </td>
                    <td className="cell-wide">
                      <GaugeValue view={view} />
                    </td>
                    <td className="num">
                      <TickingSeconds seconds={gauge.age_ms / 1_000} receivedAt={gauge.receivedAt} />
                    </td>
                  </tr>
                )),
            )}
          </tbody>
        </table>
      </div>
    </section>
  )
}
