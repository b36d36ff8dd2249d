import type { Clock } from '@binnacle/protocol'

/** The machine's own time, for the lab as a process of its own. */
export const labClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}
