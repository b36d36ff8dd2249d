import { useEffect, useRef } from 'react'
import type { ConnectionTestReport } from '@binnacle/protocol'
import { CauseNote } from '../../parts/evidence.tsx'
import { Sign } from '../../parts/sign.tsx'
import { DataText } from '../../parts/data-text.tsx'
import type { Tone } from '../../parts/tones.ts'

type Kind = ConnectionTestReport['kinds'][number]

/** How a kind came out of a connection test. */
export function toneOfTest(kind: Kind): Tone {
  if (!kind.served) return kind.expected ? 'failed' : 'off'
  return kind.list.ok && kind.watch.ok ? 'healthy' : kind.expected ? 'failed' : 'degraded'
}

const milliseconds = (ms: number | null): string => (ms === null ? '' : `${Math.round(ms)} ms`)

/** What a connection test proved, kind by kind. Give each report a key of its own: it comes into sight when it appears. */
export function TestReport({ report }: { readonly report: ConnectionTestReport }) {
  const place = useRef<HTMLElement>(null)
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), [])
  const shown = report.kinds.filter((kind) => kind.served || kind.expected)
  const good = shown.filter((kind) => toneOfTest(kind) === 'healthy').length
  const causes = new Map(
    shown.flatMap((kind) => [kind.list.cause, kind.watch.cause]).flatMap((cause) => (cause === null ? [] : [[cause.code, cause] as const])),
  )
  return (
    <section className="test-report" ref={place} aria-label="Result of the connection test">
      <output>
        <Sign tone={report.ok ? 'healthy' : 'failed'} />{' '}
        <strong>{report.ok ? 'The connection works' : 'The connection does not work completely'}</strong>
        <span className="dim">
          {' '}
          · {good} of {shown.length} kinds can be listed and watched
          {report.server_version !== null && (
            <>
              {' · Kubernetes '}
              <DataText text={report.server_version} />
            </>
          )}
        </span>
      </output>
      {report.cause !== null && <CauseNote cause={report.cause} />}
      {shown.length > 0 && (
        <div className="table-scroll test-kinds">
          <table className="table">
            <thead>
              <tr>
                <th>Kind</th>
                <th>List</th>
                <th className="num">Objects</th>
                <th className="num">Time</th>
                <th>Watch</th>
                <th className="num">Time</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((kind) => (
                <tr key={`${kind.kind}.${kind.group}`}>
                  <td className="nowrap">
                    <Sign tone={toneOfTest(kind)} /> {kind.kind}
                    {!kind.served && <span className="dim"> not served</span>}
                  </td>
                  <td>{kind.served ? kind.list.ok ? 'yes' : <DataText text={kind.list.cause?.code ?? 'failed'} /> : '–'}</td>
                  <td className="num">{kind.list.objects ?? '–'}</td>
                  <td className="num dim">{milliseconds(kind.list.ms)}</td>
                  <td>{kind.served ? kind.watch.ok ? 'yes' : <DataText text={kind.watch.cause?.code ?? 'failed'} /> : '–'}</td>
                  <td className="num dim">{milliseconds(kind.watch.ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {[...causes.values()].map((cause) => (
        <CauseNote key={cause.code} cause={cause} />
      ))}
    </section>
  )
}
