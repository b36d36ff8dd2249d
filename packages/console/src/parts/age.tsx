import { useNow } from '../live/now.ts'
import { ageText, agoText, timeOf, timeText } from './time.ts'

/** The age of a point in time (RFC 3339 or milliseconds since 1970), counting up while it is looked at; the exact time is its title. */
export function Age({ of, ago = false }: { readonly of: string | number; readonly ago?: boolean }) {
  const now = useNow()
  const at = typeof of === 'number' ? of : timeOf(of)
  const age = now - at
  return (
    <time dateTime={Number.isNaN(at) ? undefined : new Date(at).toISOString()} title={timeText(at, 0)} className="age">
      {Number.isNaN(at) ? 'unknown' : ago ? agoText(age) : ageText(age)}
    </time>
  )
}

/** A time of day (with its date when it is not today's). */
export function Moment({ at }: { readonly at: string | number }) {
  const now = useNow()
  const ms = typeof at === 'number' ? at : timeOf(at)
  return (
    <time
      dateTime={Number.isNaN(ms) ? undefined : new Date(ms).toISOString()}
      title={Number.isNaN(ms) ? undefined : new Date(ms).toISOString()}
      className="age"
    >
      {timeText(ms, now)}
    </time>
  )
}

/** Seconds that were counted elsewhere at `receivedAt` (milliseconds since 1970) and go on counting here. */
export function TickingSeconds({ seconds, receivedAt }: { readonly seconds: number | null; readonly receivedAt: number }) {
  const now = useNow()
  if (seconds === null) return <span className="never">never</span>
  return <span className="age">{ageText(seconds * 1_000 + Math.max(0, now - receivedAt))}</span>
}
