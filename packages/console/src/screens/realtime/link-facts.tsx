import { useApp } from '../../app-context.tsx'
import { useNow } from '../../live/now.ts'
import { Age } from '../../parts/age.tsx'
import { Fact } from '../../parts/evidence.tsx'

/** Figures of the connection since the page was opened. */
export function LinkFacts() {
  useNow()
  const stats = useApp().link.stats()
  if (stats === undefined) return null
  return (
    <>
      <Fact name="Connections">
        {stats.connects}, of which {stats.reconnects} came back
      </Fact>
      <Fact name="Subscriptions">{stats.subscriptions}</Fact>
      <Fact name="Events">
        {stats.events}
        {stats.lastEventAt !== null && (
          <>
            , the last <Age of={stats.lastEventAt} ago />
          </>
        )}
      </Fact>
      <Fact name="Latency">
        {stats.latencyMs === null
          ? 'no event yet'
          : `${Math.round(stats.latencyMs.last)} ms, half within ${Math.round(stats.latencyMs.p50)} ms, 99 % within ${Math.round(stats.latencyMs.p99)} ms (observed by the server to shown here; both clocks believed)`}
      </Fact>
      <Fact name="Doubles dropped">{stats.duplicates}</Fact>
      <Fact name="Holes found">{stats.gaps} (each asked again)</Fact>
      <Fact name="Lost">{stats.lost} (each led to a new snapshot)</Fact>
      <Fact name="Not understood">{stats.unreadable + stats.handlerErrors}</Fact>
    </>
  )
}
