import { BinnacleError, toEvent, type LogEntry, type NewEvent } from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'
import { createEventIds } from './event-ids.ts'

/** Event texts longer than this (bytes, roughly) live in a table of their own, so that scans of the log stay short. */
const BODY_LIMIT = 16_384

interface Head {
  readonly epoch: string
  readonly seq: number
  readonly oldest: number
  readonly term: number
}

/** Appends to the log inside the writer's transaction. Numbers are given here and become visible at commit. */
export class LogWriter {
  readonly #insert: Statement
  readonly #insertBody: Statement
  readonly #readHead: Statement
  readonly #writeHead: Statement
  readonly #nextId = createEventIds()
  #head: Head
  #appended: LogEntry[] = []

  constructor(database: Database) {
    this.#insert = database.prepare('INSERT INTO log (seq, event_type, scope, kind, name, at, text) VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#insertBody = database.prepare('INSERT INTO log_bodies (seq, text) VALUES (?, ?)')
    this.#readHead = database.prepare('SELECT epoch, seq, oldest, term FROM log_head')
    this.#writeHead = database.prepare('UPDATE log_head SET seq = ?, term = ? WHERE id = 1')
    this.#head = this.#readHead.get() as Head
  }

  /** The head, appended but uncommitted events included. */
  get head(): Head {
    return this.#head
  }

  /** The number of an event that would be appended next. */
  get nextSeq(): number {
    return this.#head.seq + 1
  }

  /** Refuses a writer whose lease is over. */
  fence(term: number): void {
    if (term < this.#head.term) throw new BinnacleError('STALE_TERM', `term ${term} is over; the log is at term ${this.#head.term}`)
    if (term > this.#head.term) this.#head = { ...this.#head, term }
  }

  append(event: NewEvent): number {
    const seq = this.#head.seq + 1
    const text = JSON.stringify(toEvent(event, this.#nextId(event.observedAt), this.#head.epoch, seq))
    const kind = event.subject?.kind ?? null
    const name = event.subject?.name ?? null
    const long = text.length > BODY_LIMIT
    this.#insert.run(seq, event.event_type, event.scope, kind, name, Math.trunc(event.observedAt), long ? null : text)
    if (long) this.#insertBody.run(seq, text)
    this.#head = { ...this.#head, seq }
    this.#appended.push({ seq, eventType: event.event_type, scope: event.scope, kind, name, text, at: event.observedAt })
    return seq
  }

  /** Writes the head row; the last step before commit. */
  seal(): void {
    this.#writeHead.run(this.#head.seq, this.#head.term)
  }

  /** What the committed transaction appended, once. */
  take(): { readonly from: number; readonly to: number; readonly entries: LogEntry[] } {
    const entries = this.#appended
    this.#appended = []
    return { from: this.#head.seq - entries.length, to: this.#head.seq, entries }
  }

  /** After a rollback, or when something else wrote the head row: what is in the database counts. */
  reload(): void {
    this.#appended = []
    this.#head = this.#readHead.get() as Head
  }
}
