import type { Clock } from '@binnacle/protocol'

/** The machine's clock as the {@link Clock} that packages are given. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fire) {
    const timer = setTimeout(fire, ms)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}
