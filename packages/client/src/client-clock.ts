import type { Clock } from '@binnacle/protocol'

/**
 * The clock of browsers and Node. Other than the server's clocks its timers keep a Node process alive: a program
 * that waits to reconnect must not end because of it.
 */
export function createClientClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms, fire) => {
      const timer = setTimeout(fire, ms)
      return { cancel: () => clearTimeout(timer) }
    },
  }
}
