import { callAdminSocket } from '../admin/socket.ts'
import { OPERATION_NAMES, type AdminOperations } from '../admin/operations.ts'
import { dataDirPaths } from '../compose/data-dir.ts'
import { startHubProcess } from '../compose/hub-process.ts'
import { createLogs } from '../compose/logger.ts'
import { systemClock } from '../compose/system-clock.ts'
import { isAbsolute, resolve } from 'node:path'
import type { CommandConfig } from './read-config.ts'

/**
 * Runs an operation on the hub of this data folder: on the running one through its socket, otherwise on the folder
 * itself, which is taken for as long as it lasts.
 */
export async function withAdmin<T>(
  { loaded: { config }, baseDir }: CommandConfig,
  run: (operations: AdminOperations) => Promise<T>,
): Promise<T> {
  const folder = isAbsolute(config.dataDir) ? config.dataDir : resolve(baseDir, config.dataDir)
  const { adminSocket } = dataDirPaths(folder)
  const alive = await callAdminSocket(adminSocket, 'status').catch(() => undefined) // an unreachable hub is no hub; taking the folder says if one holds it
  if (alive !== undefined) {
    const remote = Object.fromEntries(
      OPERATION_NAMES.map((name) => [name, async (input?: unknown) => (await callAdminSocket(adminSocket, name, input))?.result]),
    )
    return run(remote as unknown as AdminOperations)
  }
  const logs = createLogs({ level: 'warn', format: 'pretty', components: {} }, process.stderr)
  const hub = await startHubProcess({ config, baseDir, clock: systemClock, random: Math.random, logs, serving: false })
  try {
    return await run(hub.operations)
  } finally {
    await hub.close()
  }
}
