import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Button, NativeSelect } from '@mantine/core'
import { EVENT_TYPES } from '@binnacle/protocol'
import type { Filter } from '@binnacle/protocol'
import { useApp } from '../app-context.tsx'
import { createTail } from '../live/tail.ts'
import { EventRow } from './event-row.tsx'
import { Empty, FailedView, LoadingView, Note } from './view-state.tsx'

/** A tail of the events that pass a filter, live while the component is shown. */
export function useTail(filter: Filter, limit: number) {
  const { server, link } = useApp()
  const text = JSON.stringify(filter)
  const tail = useMemo(() => createTail({ server, link }, JSON.parse(text) as Filter, limit), [server, link, text, limit])
  useEffect(() => {
    tail.start()
    return tail.stop
  }, [tail])
  return {
    tail,
    events: useSyncExternalStore(tail.store.onState, tail.store.state),
    progress: useSyncExternalStore(tail.onProgress, tail.progress),
  }
}

/** Families of event types to choose from; the values are filters. */
const FAMILY_TITLES = {
  cr: 'Objects',
  fabric: 'Fabric, watches, syncs',
  gitops: 'Git',
  dns: 'DNS',
  users: 'Users',
  runs: 'Runs',
  monitor: 'Monitor',
  system: 'System',
} as const

/** Event types by family, for selections. */
export const typesByFamily = (
  families: readonly (keyof typeof FAMILY_TITLES)[],
): readonly { readonly group: string; readonly items: string[] }[] =>
  families.map((family) => ({
    group: FAMILY_TITLES[family],
    items: Object.entries(EVENT_TYPES)
      .filter(([, spec]) => spec.family === family)
      .map(([type]) => type),
  }))

/** A panel with the live events of a scope or object: newest first, filter by type, pause, older ones on demand. */
export function EventPanel({
  title,
  filter,
  families,
}: {
  readonly title: string
  readonly filter: Filter
  readonly families: readonly (keyof typeof FAMILY_TITLES)[]
}) {
  const [type, setType] = useState('')
  const narrowed = useMemo(() => (type === '' ? filter : { ...filter, types: [type] }), [filter, type])
  const { tail, events, progress } = useTail(narrowed, 500)
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <span className="grow" />
        <NativeSelect
          aria-label="Type of event"
          value={type}
          onChange={(event) => setType(event.target.value)}
          data={[{ value: '', label: 'All types' }, ...typesByFamily(families)]}
        />
        <Button variant="default" onClick={events.paused ? tail.store.resume : tail.store.pause} aria-pressed={events.paused}>
          {events.paused ? `Resume${events.waiting > 0 ? ` (${events.waiting} new)` : ''}` : 'Pause'}
        </Button>
      </div>
      {events.gap && <Note tone="degraded">Events were missed here: the log was read anew after a loss.</Note>}
      {progress.step === 'loading' ? (
        <LoadingView what="events" />
      ) : progress.step === 'failed' ? (
        <FailedView what="the events" error={progress.error} retry={tail.start} />
      ) : events.events.length === 0 ? (
        <Empty title="No event yet">New ones appear here as they happen.</Empty>
      ) : (
        <ul className="events events-panel">
          {events.events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
          {progress.more && (
            <li className="events-more">
              <Button variant="subtle" size="compact-xs" loading={progress.loadingOlder} onClick={tail.loadOlder}>
                Load older
              </Button>
            </li>
          )}
        </ul>
      )}
    </section>
  )
}
