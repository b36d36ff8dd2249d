import { ApiStatusError } from './api-status.ts'

/** Where a fault applies; absent fields mean everywhere. */
export interface FaultScope {
  readonly resource?: string
  readonly account?: string
  readonly verbs?: readonly string[]
}

/**
 * What can go wrong on purpose.
 *
 * refuse: the next `count` requests (default: all) or those of the next `seconds` get `status`. delay: requests wait `ms`
 * first. stall: watches stay open and silent. drop-bookmarks: none are sent. watch-expired-as-status: a watch from a too
 * old version gets HTTP 410 instead of 200 with an ERROR event.
 */
export type Fault = FaultScope &
  (
    | {
        readonly type: 'refuse'
        readonly status: number
        readonly count?: number
        readonly seconds?: number
        readonly retryAfterSeconds?: number
      }
    | { readonly type: 'delay'; readonly ms: number }
    | { readonly type: 'stall' }
    | { readonly type: 'drop-bookmarks' }
    | { readonly type: 'watch-expired-as-status' }
  )

interface Entry {
  readonly fault: Fault
  left: number
  readonly until: number
}

const REASONS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden by a fault of the lab'],
  410: ['Expired', 'too old resource version'],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred: a fault of the lab'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
}

/** The faults that are on. */
export class Faults {
  readonly #now: () => number
  readonly #entries = new Set<Entry>()
  /** Watches ended because their reader was too slow. */
  slowWatchers = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Switches a fault on; returns how to switch it off. */
  add(fault: Fault): () => void {
    const seconds = fault.type === 'refuse' ? fault.seconds : undefined
    const entry: Entry = {
      fault,
      left: fault.type === 'refuse' && fault.count !== undefined ? fault.count : Infinity,
      until: seconds === undefined ? Infinity : this.#now() + seconds * 1000,
    }
    this.#entries.add(entry)
    return () => this.#entries.delete(entry)
  }

  /** Switches all faults of a type off, or all. */
  clear(type?: Fault['type']): void {
    for (const entry of this.#entries) if (type === undefined || entry.fault.type === type) this.#entries.delete(entry)
  }

  list(): Fault[] {
    return [...this.#entries].map((entry) => entry.fault)
  }

  /** Whether a standing fault covers this resource and account. */
  active(type: 'stall' | 'drop-bookmarks' | 'watch-expired-as-status', resource: string, account: string): boolean {
    return [...this.#entries].some((entry) => entry.fault.type === type && covers(entry.fault, resource, account, 'watch'))
  }

  /** How long this request has to wait, and the refusal it gets; a refusal is used up by asking. */
  meet(resource: string, account: string, verb: string): { delayMs: number; refusal: ApiStatusError | undefined } {
    let delayMs = 0
    let refusal: ApiStatusError | undefined
    for (const entry of this.#entries) {
      if (entry.until <= this.#now()) {
        this.#entries.delete(entry)
        continue
      }
      if (!covers(entry.fault, resource, account, verb)) continue
      if (entry.fault.type === 'delay') delayMs += entry.fault.ms
      if (entry.fault.type === 'refuse' && refusal === undefined) {
        refusal = refusalOf(entry.fault)
        entry.left -= 1
        if (entry.left <= 0) this.#entries.delete(entry)
      }
    }
    return { delayMs, refusal }
  }

  countSlowWatcher(): void {
    this.slowWatchers += 1
  }
}

function covers(fault: FaultScope, resource: string, account: string, verb: string): boolean {
  if (fault.resource !== undefined && fault.resource !== resource) return false
  if (fault.account !== undefined && fault.account !== account) return false
  return fault.verbs === undefined || fault.verbs.includes(verb)
}

function refusalOf(fault: Fault & { type: 'refuse' }): ApiStatusError {
  const [reason, message] = REASONS[fault.status] ?? ['', 'a fault of the lab']
  const seconds = fault.retryAfterSeconds
  return new ApiStatusError(
    fault.status,
    reason,
    message,
    seconds === undefined ? {} : { retryAfterSeconds: seconds },
    seconds === undefined ? {} : { 'Retry-After': String(seconds) },
  )
}
