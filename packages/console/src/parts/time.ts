const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** An age in milliseconds as a short text: `now`, `2 s`, `3 min`, `5 h 10 min`, `3 d`. Negative ages (clocks differ) count as now. */
export function ageText(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown'
  if (ms < SECOND) return 'now'
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) {
    const minutes = Math.floor((ms % HOUR) / MINUTE)
    return `${Math.floor(ms / HOUR)} h${minutes === 0 || ms >= 10 * HOUR ? '' : ` ${minutes} min`}`
  }
  return `${Math.floor(ms / DAY)} d`
}

/** An age with "ago", or "just now". */
export const agoText = (ms: number): string => (ms < SECOND ? 'just now' : `${ageText(ms)} ago`)

const two = (value: number): string => String(value).padStart(2, '0')

/** A time of day in the reader's time zone: `14:03:22`. */
export function clockText(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? 'unknown' : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A time in the reader's time zone, with the date when it is not today's: `14:03:22`, `2026-11-20 14:03:22`. */
export function timeText(ms: number, now: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return 'unknown'
  const clock = clockText(ms)
  return date.toDateString() === new Date(now).toDateString()
    ? clock
    : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`
}

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/g

/** A text of the server with its times (RFC 3339, UTC) as times of the reader, dated where they are not of the day of `now`. */
export const withReaderTimes = (text: string, now: number): string => text.replaceAll(STAMP, (stamp) => timeText(Date.parse(stamp), now))

/** Milliseconds since 1970 of an RFC 3339 text; NaN when it is none. */
export const timeOf = (iso: string): number => Date.parse(iso)
