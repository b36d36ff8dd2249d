import { formatPosition, type EventLog, type LostReason } from '@binnacle/protocol'
import type { Group } from './group.ts'
import type { Outbox } from './outbox.ts'
import type { ReadTurns } from './read-turns.ts'
import { frameBytes, stretches, type Stretch } from './shared-frame.ts'

/** What a subscription needs of its connection. */
export interface Reader {
  readonly outbox: Outbox
  readonly user: string
  /** False when nothing may be sent any more: closed, or the right has expired. */
  maySend(): boolean
  /** Ends a subscription whose events cannot be had. */
  lose(subscription: Subscription, reason: LostReason): void
  readFailed(error: unknown): void
}

/** What subscriptions share. */
export interface ReadingPorts {
  readonly log: EventLog
  readonly turns: ReadTurns
  readonly unsentBytes: number
  monotonic(): number
}

const PAGE = { least: 10, first: 200, most: 1_000 } as const

/**
 * One reader's place in the log. Either it reads the log page by page at its own pace, or it is a member of its group
 * and is served by the tick. `cursor` is the `to` of the last frame it was given; the next begins there, always.
 */
export class Subscription {
  readonly id: string
  readonly group: Group
  readonly reader: Reader
  readonly #ports: ReadingPorts
  cursor: number
  /** When it last left the live path (monotonic milliseconds); null = it has not, or is back. */
  lagSince: number | null = null
  received = 0
  #reading = false
  #ended = false
  #announced = false
  #page: number = PAGE.first

  /** `cursor`: events after this seq are wanted. */
  constructor(id: string, group: Group, reader: Reader, ports: ReadingPorts, cursor: number) {
    this.id = id
    this.group = group
    this.reader = reader
    this.#ports = ports
    this.cursor = cursor
  }

  /** Whether the tick serves it. */
  get live(): boolean {
    return this.group.members.has(this)
  }

  /** Begins: from the log if the group is already further on, otherwise live. */
  start(): void {
    if (!this.#join()) this.read()
  }

  /** Leaves the live path and goes on from the log. */
  lag(): void {
    if (this.#ended || !this.group.members.delete(this)) return
    this.lagSince = this.#ports.monotonic()
  }

  /** No more frames of it. */
  end(): void {
    this.#ended = true
    this.group.members.delete(this)
    this.reader.outbox.drop(this.group.sub)
  }

  /** Gives frames that continue where it stands. Returns false when it has left the live path meanwhile. */
  give(parts: readonly Stretch[]): boolean {
    for (const part of parts) {
      if (!this.reader.maySend()) return false
      this.reader.outbox.send(part.bytes, this.group.sub)
      this.cursor = part.to
      if (this.live && this.reader.outbox.unsent > this.#ports.unsentBytes) {
        this.lag()
        return false
      }
    }
    return true
  }

  /** Reads on, page by page, as far as the way out is free; called again when it is. */
  read(): void {
    if (this.#reading || this.#ended || this.live) return
    this.#reading = true
    void this.#readAndLookAgain()
  }

  async #readAndLookAgain(): Promise<void> {
    try {
      await this.#readOn()
    } catch (error) {
      this.reader.readFailed(error)
      return
    } finally {
      this.#reading = false
    }
    // The way out may have become free between the last look and now.
    if (!this.#ended && !this.live && !this.reader.outbox.congested && this.reader.maySend()) this.read()
  }

  async #readOn(): Promise<void> {
    const { log, turns } = this.#ports
    const { effective, sub } = this.group
    while (!this.#ended && !this.live && !this.reader.outbox.congested) {
      const { epoch } = log.state()
      const page = await turns.run(this.reader.user, () => log.read({ epoch, seq: this.cursor }, effective, { limit: this.#page }))
      // Rights may have ended while the page was read: what was decided before counts no more.
      if (this.#ended || !this.reader.maySend()) return
      if (page.lost !== undefined) {
        this.reader.lose(this, page.lost)
        return
      }
      if (page.next > this.cursor) {
        const parts = stretches(sub, epoch, this.cursor, page.next, page.entries)
        this.#resize(parts.reduce((sum, part) => sum + part.bytes.length, 0))
        if (!this.give(parts)) return
      }
      if (this.#join()) return
    }
  }

  /** A page should be about as large as what may wait. */
  #resize(bytes: number): void {
    if (bytes > this.#ports.unsentBytes / 2) this.#page = Math.max(PAGE.least, Math.floor(this.#page / 2))
    else if (bytes < this.#ports.unsentBytes / 8) this.#page = Math.min(PAGE.most, this.#page * 2)
  }

  /** Becomes a member if it stands where the group stands or further on: the tick skips what it has. */
  #join(): boolean {
    if (this.cursor < this.group.to) return false
    this.group.members.add(this)
    this.lagSince = null
    if (!this.#announced) {
      this.#announced = true
      const at = formatPosition({ epoch: this.#ports.log.state().epoch, seq: this.cursor })
      this.reader.outbox.send(frameBytes({ type: 'caught_up', sub: this.group.sub, at }), this.group.sub)
    }
    return true
  }
}
