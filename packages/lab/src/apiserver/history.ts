import type { StoredObject } from './stored-object.ts'

/** One change of one object. `previous` is what it was before, absent for a creation. */
export interface Change {
  readonly revision: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: StoredObject
  readonly previous?: StoredObject
}

/** The last changes of one resource, oldest first; watches resume from it and old lists are rebuilt with it. */
export class History {
  #changes: Change[] = []
  #first = 0
  #limit: number
  /** Changes up to and including this revision are forgotten. */
  #forgottenUpTo: number

  constructor(limit: number, startRevision: number) {
    this.#limit = limit
    this.#forgottenUpTo = startRevision
  }

  /** A reader that stands at an older revision than this has missed changes. */
  get oldestRevision(): number {
    return this.#forgottenUpTo
  }

  /** Number of changes kept. */
  get length(): number {
    return this.#changes.length - this.#first
  }

  add(change: Change): void {
    this.#changes.push(change)
    while (this.length > this.#limit) {
      this.#forgottenUpTo = this.#changes[this.#first]!.revision
      this.#first += 1
    }
    // The dead head is cut off in large steps, so that adding stays constant time.
    if (this.#first > 1024 && this.#first * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#first)
      this.#first = 0
    }
  }

  /** Changes after `revision`, oldest first; undefined when some of them are forgotten. */
  after(revision: number): Change[] | undefined {
    if (revision < this.#forgottenUpTo) return undefined
    let low = this.#first
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#changes[middle]!.revision <= revision) low = middle + 1
      else high = middle
    }
    return this.#changes.slice(low)
  }

  /** Keeps at most `limit` changes from now on. */
  resize(limit: number): void {
    this.#limit = limit
    while (this.length > limit) {
      this.#forgottenUpTo = this.#changes[this.#first]!.revision
      this.#first += 1
    }
  }

  /** Forgets everything up to and including `revision`: whoever stands before it is told 410. */
  compact(revision: number): void {
    while (this.length > 0 && this.#changes[this.#first]!.revision <= revision) this.#first += 1
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, revision)
  }
}
