import type { NewEvent } from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'

/** How long and how much is kept. */
export interface RetentionOptions {
  readonly eventsMs: number
  readonly eventsMax: number
  readonly versionsMs: number
  readonly versionsPerObject: number
}

/** What retention needs of the writer. */
export interface RetentionWriter {
  /** Runs the work in one transaction. */
  commit(work: () => void): void
  append(event: NewEvent): void
  /** The head row was written past the log. */
  reload(): void
  /** Lets waiting facts go on. */
  breathe(): Promise<void>
}

/** Rows deleted in one transaction: a few milliseconds, so that appends are not held up. */
const CHUNK = 2_000
/** Pages given back to the file system after each chunk. */
const VACUUM_PAGES = 200

/**
 * Removes what is older than retention, in chunks, oldest first, so that the kept log stays one piece: whoever asks
 * for a position before its beginning is told `lost`. Says what it removed in an event.
 */
export async function applyRetention(
  database: Database,
  options: RetentionOptions,
  now: number,
  writer: RetentionWriter,
): Promise<{ events: number; versions: number }> {
  const head = database.prepare('SELECT seq, oldest FROM log_head').get() as { seq: number; oldest: number }
  const kept = database.prepare('SELECT min(seq) AS seq FROM log WHERE at >= ?').get(now - options.eventsMs) as { seq: number | null }
  const upTo = Math.max((kept.seq ?? head.seq + 1) - 1, head.seq - options.eventsMax, head.oldest)
  const dropEvents = database.prepare('DELETE FROM log WHERE seq > ? AND seq <= ?')
  const dropBodies = database.prepare('DELETE FROM log_bodies WHERE seq > ? AND seq <= ?')
  const setOldest = database.prepare('UPDATE log_head SET oldest = ? WHERE id = 1')
  const dropVersions = database.prepare('DELETE FROM object_versions WHERE id IN (SELECT id FROM object_versions WHERE at < ? LIMIT ?)')
  let events = 0
  let versions = 0
  for (let from = head.oldest; from < upTo; from += CHUNK) {
    const to = Math.min(from + CHUNK, upTo)
    writer.commit(() => {
      events += dropEvents.run(from, to).changes
      dropBodies.run(from, to)
      setOldest.run(to)
    })
    writer.reload()
    database.pragma(`incremental_vacuum(${VACUUM_PAGES})`)
    await writer.breathe()
  }
  for (;;) {
    let removed = 0
    writer.commit(() => {
      removed = dropVersions.run(now - options.versionsMs, CHUNK).changes
    })
    versions += removed
    if (removed < CHUNK) break
    await writer.breathe()
  }
  if (events + versions > 0) {
    writer.commit(() =>
      writer.append({
        event_type: 'retention_applied',
        scope: 'system',
        subject: null,
        data: { events, versions, oldest: upTo },
        observedAt: now,
        source: 'store',
      }),
    )
  }
  return { events, versions }
}
