import { memo, useState } from 'react'
import { Link } from '@tanstack/react-router'
import { kindOf } from '@binnacle/hedgehog'
import type { BinnacleEvent } from '@binnacle/protocol'
import { Moment } from './age.tsx'
import { DataText } from './data-text.tsx'
import { eventSummary, toneOfEvent } from './event-summary.ts'
import { Sign } from './sign.tsx'
import { timeOf, withReaderTimes } from './time.ts'
import { visibleText } from './visible-text.ts'

/** A link to what an event speaks of, where it has a page: an object, a watch's list, a fabric. */
function Subject({ event }: { readonly event: BinnacleEvent }) {
  const { subject, fabric_id: fabric } = event
  if (subject === null) return <span className="dim">{event.scope}</span>
  const kind = kindOf(subject.kind, subject.group)
  if (fabric !== null && subject.kind === 'Fabric')
    return (
      <Link to="/fabrics/$fabric" params={{ fabric: String(fabric) }} className="event-subject">
        fabric {fabric}
      </Link>
    )
  if (kind === undefined || fabric === null)
    return (
      <span className="event-subject">
        <DataText text={`${subject.kind} ${subject.name}`} />
      </span>
    )
  if (event.event_type === 'watch_state_changed')
    return (
      <span className="event-subject">
        <span className="dim">watch of</span>{' '}
        <Link to="/$slug" params={{ slug: kind.slug }} search={{ fabric }}>
          {kind.titlePlural}
        </Link>
      </span>
    )
  return (
    <span className="event-subject">
      <span className="dim">{kind.title}</span>{' '}
      <Link
        to="/fabrics/$fabric/$slug/$name"
        params={{ fabric: String(fabric), slug: kind.slug, name: subject.name }}
        search={{ namespace: subject.namespace === undefined || subject.namespace === '' ? undefined : subject.namespace }}
      >
        <DataText text={subject.name} />
      </Link>
    </span>
  )
}

/** One event: when, what, of what, in a line; the whole of it on demand. */
export const EventRow = memo(function EventRow({ event, fabricName }: { readonly event: BinnacleEvent; readonly fabricName?: string }) {
  const [open, setOpen] = useState(false)
  const summary = eventSummary(event)
  return (
    <li className="event" data-event={event.event_type} data-seq={event.seq}>
      <div className="event-line">
        <button
          type="button"
          className="plain event-open"
          aria-expanded={open}
          aria-label={`${open ? 'Hide' : 'Show'} the whole event ${event.seq}`}
          onClick={() => setOpen((before) => !before)}
        >
          <span aria-hidden="true">{open ? '▾' : '▸'}</span>
        </button>
        <span className="event-time mono">
          <Moment at={event.timestamp} />
        </span>
        <span className="event-type">
          <Sign tone={toneOfEvent(event)} size={10} /> <span className="mono">{event.event_type}</span>
        </span>
        {fabricName !== undefined && (
          <span className="event-fabric dim">
            <DataText text={fabricName} />
          </span>
        )}
        <Subject event={event} />
        <span className="event-summary">
          <DataText text={withReaderTimes(summary, timeOf(event.timestamp))} />
          {event.metadata.catch_up === true && <span className="pill">caught up</span>}
        </span>
      </div>
      {open && (
        <pre className="event-json" aria-label="The whole event">
          {JSON.stringify(event, null, 2).split('\n').map(visibleText).join('\n')}
        </pre>
      )}
    </li>
  )
})
