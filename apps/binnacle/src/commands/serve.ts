import { startHubProcess, type HubProcess } from '../compose/hub-process.ts'
import { createLogs } from '../compose/logger.ts'
import { systemClock } from '../compose/system-clock.ts'
import type { CommandConfig } from './read-config.ts'
import { say } from './terminal.ts'

/** Shutting down may take this long; then the process ends anyway. Milliseconds. */
const SHUTDOWN_MS = 10_000

/** Starts the hub and tells on standard output where it is; with a set-up link when nobody can sign in yet. */
export async function startServing({ loaded: { config }, baseDir }: CommandConfig): Promise<HubProcess> {
  const logs = createLogs({ level: config.log.level, format: config.log.format, components: config.log.components }, process.stderr)
  const hub = await startHubProcess({ config, baseDir, clock: systemClock, random: Math.random, logs, serving: true })
  if (hub.needsSetup) {
    const { url } = await hub.operations.setupLink()
    say(`Binnacle is ready. Open this link to create the administrator (valid for one hour, once):\n\n  ${url}\n`)
  } else say(`Binnacle is ready: ${hub.url ?? ''}`)
  return hub
}

/** Ends in order on SIGINT or SIGTERM; a second signal ends at once. Resolves when all is closed. */
export function untilSignal(close: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    let ending = false
    const end = (): void => {
      if (ending) process.exit(130)
      ending = true
      // It also keeps the process alive: between two steps of closing nothing else may, and the rest would never be done.
      const timer = setTimeout(() => process.exit(1), SHUTDOWN_MS)
      void close().finally(() => {
        clearTimeout(timer)
        resolve()
      })
    }
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
  })
}
