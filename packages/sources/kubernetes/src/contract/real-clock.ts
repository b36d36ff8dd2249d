import type { Clock } from '@binnacle/protocol'

/** The machine's own time, for suites that run against real servers. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}
