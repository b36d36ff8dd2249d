import type { Clock, CommittedBatch, EventLog } from '@binnacle/protocol'
import type { Group } from './group.ts'
import { GroupIndex } from './group-index.ts'
import { HeadTimes } from './head-times.ts'
import { RecentTimes } from './recent-times.ts'
import { stretches } from './shared-frame.ts'

/** Figures of hops look back on this many events or frames. */
const TIMES = 1_000

/** What {@link Fanout} needs. */
export interface FanoutOptions {
  readonly log: EventLog
  readonly clock: Clock
  readonly tickMs: number
  readonly keepMs: number
  /** The log began anew under us: every reader has to be told. */
  onEpoch(): void
}

/**
 * Takes every commit once, finds the groups it concerns and serves their members: the first event after quiet at
 * once, then in ticks.
 */
export class Fanout {
  readonly groups = new GroupIndex()
  readonly times: HeadTimes
  readonly #options: FanoutOptions
  readonly #dirty = new Set<Group>()
  readonly #unfollow: () => void
  #epoch: string
  #seen: number
  #flushedAt = Number.NEGATIVE_INFINITY
  #tick: { cancel(): void } | null = null
  #counts = { batches: 0, events: 0, matched: 0, flushes: 0, frames: 0, holes: 0 }
  /** From "observed" to the commit as this thread hears of it, per event. */
  readonly #observedToCommit = new RecentTimes(TIMES)
  /** From there to the frame, per frame by its oldest event. */
  readonly #commitToFrame = new RecentTimes(TIMES)
  /** From "observed" to the frame, per frame by its newest event. */
  readonly #observedToFrame = new RecentTimes(TIMES)

  constructor(options: FanoutOptions) {
    this.#options = options
    this.times = new HeadTimes(options.keepMs)
    const { epoch, head } = options.log.state()
    this.#epoch = epoch
    this.#seen = head
    this.#unfollow = options.log.follow((batch) => this.#take(batch))
  }

  /** The seq up to which everything was evaluated. */
  get seen(): number {
    return this.#seen
  }

  /** The epoch that positions are given in. */
  get epoch(): string {
    return this.#epoch
  }

  /** Figures since the start. */
  figures() {
    return {
      ...this.#counts,
      groups: this.groups.size,
      observedToCommitMs: this.#observedToCommit.percentiles(),
      commitToFrameMs: this.#commitToFrame.percentiles(),
      observedToFrameMs: this.#observedToFrame.percentiles(),
    }
  }

  /** Serves all groups up to the head, with empty frames where nothing passed: proof of progress. */
  beat(): void {
    for (const group of this.groups.all()) this.#serve(group)
    this.#dirty.clear()
  }

  /** No more commits are taken. */
  close(): void {
    this.#unfollow()
    this.#tick?.cancel()
  }

  #take(batch: CommittedBatch): void {
    const { log, clock } = this.#options
    const { epoch } = log.state()
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.#seen = batch.to
      this.#options.onEpoch()
      return
    }
    if (batch.to <= this.#seen) return
    this.#counts.batches++
    const now = clock.monotonic()
    const wall = clock.now()
    for (const { at } of batch.entries) this.#observedToCommit.add(wall - at)
    if (batch.from > this.#seen) this.#hole(batch)
    else
      for (const entry of batch.entries) {
        if (entry.seq <= this.#seen) continue
        this.#counts.events++
        for (const group of this.groups.matching(entry)) {
          this.#counts.matched++
          // Without members nobody waits for it: those who read the log find it there.
          if (group.members.size === 0) {
            group.pending = []
            group.to = batch.to
            continue
          }
          if (group.pending.length === 0) group.pendingSince = now
          group.pending.push(entry)
          this.#dirty.add(group)
        }
      }
    this.#seen = batch.to
    this.times.reached(batch.to, now)
    if (this.#dirty.size === 0 || this.#tick !== null) return
    const wait = this.#flushedAt + this.#options.tickMs - now
    if (wait <= 0) this.#flush()
    else
      this.#tick = clock.after(wait, () => {
        this.#tick = null
        this.#flush()
      })
  }

  /** A commit did not reach us: members go on from the log, where it is. */
  #hole(batch: CommittedBatch): void {
    this.#counts.holes++
    for (const group of this.groups.all()) {
      const members = [...group.members]
      for (const member of members) member.lag()
      group.pending = []
      group.to = batch.to
      for (const member of members) member.read()
    }
    this.#dirty.clear()
  }

  #flush(): void {
    this.#flushedAt = this.#options.clock.monotonic()
    this.#counts.flushes++
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    for (const group of dirty) this.#serve(group)
  }

  #serve(group: Group): void {
    const from = group.to
    const to = this.#seen
    if (group.members.size === 0) {
      group.pending = []
      group.to = to
      return
    }
    const entries = group.pending
    group.pending = []
    group.to = to
    const shared = stretches(group.sub, this.#epoch, from, to, entries)
    this.#counts.frames += shared.length
    const last = entries.at(-1)
    if (last !== undefined) {
      const { clock } = this.#options
      this.#observedToFrame.add(clock.now() - last.at)
      this.#commitToFrame.add(clock.monotonic() - group.pendingSince)
    }
    for (const member of group.members) {
      if (member.cursor === from) member.give(shared)
      else if (member.cursor < to) {
        // It joined further on than the group stood: its first frame begins where it stands.
        const own = entries.filter((entry) => entry.seq > member.cursor)
        member.give(stretches(group.sub, this.#epoch, member.cursor, to, own))
      }
    }
  }
}
