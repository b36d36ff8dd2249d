import type { HeldGauge } from '@binnacle/client'
import type { ResourceDetail } from '@binnacle/protocol'
import { Age, TickingSeconds } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { wordOf } from '../../parts/tones.ts'

const valueText = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : value === null || value === undefined
        ? '–'
        : JSON.stringify(value)

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
              Object.entries(gauge.values).map(([name, value]) => (
                <tr key={`gauge.${gauge.kind}.${gauge.name}.${name}`}>
                  <td>
                    {wordOf(name)} <span className="dim">gauge</span>
                  </td>
                  <td className="cell-wide">
                    <DataText text={valueText(value)} />
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
