/** Timers as a parameter; the browser's in the app, a hand-driven one in tests. */
export interface Timers {
  now(): number
  after(ms: number, fire: () => void): () => void
}

/** The browser's own timers. */
export const browserTimers: Timers = {
  now: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Calls `act` at once when it was quiet, then at most once per `ms`; a call in between is never lost, it comes at the
 * end of the wait. `end` cancels what waits.
 */
export function createThrottle(timers: Timers, ms: number, act: () => void): { call(): void; end(): void } {
  let last = -Infinity
  let cancel: (() => void) | undefined
  const run = () => {
    cancel = undefined
    last = timers.now()
    act()
  }
  return {
    call() {
      if (cancel !== undefined) return
      const wait = last + ms - timers.now()
      if (wait <= 0) run()
      else cancel = timers.after(wait, run)
    },
    end() {
      cancel?.()
      cancel = undefined
    },
  }
}
