import { useCallback, useMemo } from 'react'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { KINDS } from '@binnacle/hedgehog'
import { PRIORITIES } from '@binnacle/protocol'
import { useServer } from '../../app-context.tsx'
import { fabricsQuery } from '../../live/queries.ts'
import { Chip } from '../../parts/chip.tsx'
import { EventRow } from '../../parts/event-row.tsx'
import { typesByFamily, useTail } from '../../parts/event-panel.tsx'
import { Origin } from '../../parts/origin.tsx'
import { wordOf } from '../../parts/tones.ts'
import { Empty, FailedView, LoadingView, Note } from '../../parts/view-state.tsx'
import { filterOfSearch } from './filter-of-search.ts'
import { useTitle } from '../../parts/use-title.ts'

/** All events, live: newest first, narrowed by the address. */
export function EventsScreen() {
  useTitle('Events')
  const search = useSearch({ from: '/shell/events' })
  const navigate = useNavigate()
  const fabrics = useQuery(fabricsQuery(useServer())).data?.fabrics
  const read = useMemo(() => filterOfSearch(search), [search])
  const { tail, events, progress } = useTail(read.filter, 1_000)
  const change = useCallback(
    (next: Partial<typeof search>) => void navigate({ to: '/events', search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  )
  const names = new Map((fabrics ?? []).map((fabric) => [fabric.id, fabric.name]))
  const chosen = (value: string): string | undefined => (value === '' ? undefined : value)
  return (
    <div className="page">
      <div className="page-head">
        <h1>Events</h1>
        <Origin
          query={{ dataUpdatedAt: progress.readAt, isError: progress.error !== undefined, error: progress.error }}
          what="The log of the hub"
          at={undefined}
        />
        <span className="grow" />
        <Button
          variant={events.paused ? 'filled' : 'default'}
          onClick={events.paused ? tail.store.resume : tail.store.pause}
          aria-pressed={events.paused}
        >
          {events.paused ? `Resume${events.waiting > 0 ? ` (${events.waiting} new)` : ''}` : 'Pause'}
        </Button>
      </div>
      <div className="toolbar">
        <NativeSelect
          aria-label="Scope"
          value={search.scope ?? ''}
          onChange={(event) => change({ scope: chosen(event.target.value) })}
          data={[
            { value: '', label: 'Everything' },
            ...(fabrics ?? []).map((fabric) => ({ value: `fabric/${fabric.id}`, label: fabric.name })),
            { value: 'system', label: 'Binnacle itself' },
          ]}
        />
        <NativeSelect
          aria-label="Type"
          value={search.types ?? ''}
          onChange={(event) => change({ types: chosen(event.target.value) })}
          data={[
            { value: '', label: 'All types' },
            {
              group: 'Families',
              items: [
                { value: 'cr_*', label: 'All of objects' },
                { value: 'fabric_*', label: 'All of fabrics' },
                { value: 'sync_*', label: 'All of syncs' },
              ],
            },
            ...typesByFamily(['cr', 'fabric', 'users', 'system']),
          ]}
        />
        <NativeSelect
          aria-label="Kind"
          value={search.kinds ?? ''}
          onChange={(event) => change({ kinds: chosen(event.target.value) })}
          data={[{ value: '', label: 'All kinds' }, ...KINDS.map((kind) => ({ value: kind.kind, label: kind.title }))]}
        />
        <NativeSelect
          aria-label="Priority"
          value={search.priority ?? ''}
          onChange={(event) => change({ priority: chosen(event.target.value) })}
          data={[
            { value: '', label: 'Any priority' },
            ...PRIORITIES.slice(1).map((priority) => ({ value: priority, label: `${wordOf(priority)} and above` })),
          ]}
        />
        <TextInput
          data-search
          aria-label="Exact name of an object"
          placeholder="Exact name of an object"
          defaultValue={search.name ?? ''}
          key={search.name ?? ''}
          onKeyDown={(event) => {
            if (event.key === 'Enter') change({ name: chosen(event.currentTarget.value.trim()) })
          }}
          onBlur={(event) => change({ name: chosen(event.currentTarget.value.trim()) })}
          spellCheck={false}
        />
        {search.scope !== undefined && <Chip label={`scope: ${search.scope}`} onClear={() => change({ scope: undefined })} />}
        {search.types !== undefined && <Chip label={`types: ${search.types}`} onClear={() => change({ types: undefined })} />}
        {search.kinds !== undefined && <Chip label={`kinds: ${search.kinds}`} onClear={() => change({ kinds: undefined })} />}
        {search.priority !== undefined && (
          <Chip label={`priority: ${search.priority} and above`} onClear={() => change({ priority: undefined })} />
        )}
        {search.name !== undefined && <Chip label={`name: ${search.name}`} onClear={() => change({ name: undefined })} />}
      </div>
      {read.ignored.length > 0 && <Note tone="degraded">Not understood, so not used as a filter: {read.ignored.join(', ')}.</Note>}
      {events.gap && <Note tone="degraded">Events were missed here: the log was read anew after a loss.</Note>}
      <section className="panel" aria-label="Events">
        {progress.step === 'loading' ? (
          <LoadingView what="events" />
        ) : progress.step === 'failed' ? (
          <FailedView what="the events" error={progress.error} retry={tail.start} />
        ) : events.events.length === 0 ? (
          <Empty title="No event passes these filters">New ones appear here as they happen.</Empty>
        ) : (
          <ul className="events" aria-live="off">
            {events.events.map((event) => (
              <EventRow
                key={event.id}
                event={event}
                {...(event.fabric_id === null ? {} : { fabricName: names.get(event.fabric_id) ?? `fabric ${event.fabric_id}` })}
              />
            ))}
          </ul>
        )}
        {progress.step === 'ready' && (progress.more || events.cut) && (
          <div className="events-more">
            <Button variant="default" loading={progress.loadingOlder} onClick={tail.loadOlder}>
              Load older
            </Button>
          </div>
        )}
      </section>
    </div>
  )
}
