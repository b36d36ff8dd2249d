import { causeOf, errorCodeOf } from '@binnacle/protocol'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { readConfig } from './read-config.ts'
import { table } from './terminal.ts'
import { withAdmin } from './with-admin.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly found: string
}

/** Less free space than this is too little for a database that grows. Bytes. */
const FREE_BYTES = 1_073_741_824
const FLOOR = 24

async function examine(check: string, run: () => Promise<string> | string): Promise<Finding> {
  try {
    return { check, ok: true, found: await run() }
  } catch (error) {
    const { message, remedy } = causeOf(error)
    return { check, ok: false, found: errorCodeOf(error) === undefined && error instanceof Error ? error.message : `${message}. ${remedy}` }
  }
}

const must = (condition: boolean, otherwise: string): void => {
  if (!condition) throw new Error(otherwise)
}

/** `binnacle doctor`: looks at what a hub needs on this machine. False when something is wrong. */
export async function doctor(file: string | undefined): Promise<boolean> {
  const findings: Finding[] = []
  findings.push(
    await examine('Node.js', () => {
      must(
        Number(process.versions.node.split('.')[0]) >= FLOOR,
        `${process.versions.node} is older than ${FLOOR}; npm start fetches a newer one`,
      )
      return process.versions.node
    }),
  )
  let config: ReturnType<typeof readConfig> | undefined
  findings.push(
    await examine('configuration', () => {
      config = readConfig(file)
      return `${config.loaded.values.size} keys`
    }),
  )
  if (config !== undefined) {
    const { loaded, baseDir } = config
    const folder = isAbsolute(loaded.config.dataDir) ? loaded.config.dataDir : resolve(baseDir, loaded.config.dataDir)
    findings.push(
      await examine('data folder', () => {
        if (!existsSync(folder)) return `${folder} will be created`
        accessSync(folder, constants.R_OK | constants.W_OK)
        const { bavail, bsize } = statfsSync(folder)
        must(bavail * bsize >= FREE_BYTES, `${folder}: only ${Math.round((bavail * bsize) / 1_048_576)} MiB free`)
        return `${folder}, ${Math.round((bavail * bsize) / 1_073_741_824)} GiB free`
      }),
    )
    const found = config
    findings.push(
      await examine('store and hub', async () => {
        const status = await withAdmin(found, (operations) => operations.status())
        must(status.store.ok, status.store.cause?.message ?? 'the store is not well')
        return status.url === null
          ? `no hub runs; the store opens, log head ${status.store.head}`
          : `${status.url}, log head ${status.store.head}`
      }),
    )
    findings.push(
      await examine('fabrics', async () => {
        const fabrics = await withAdmin(found, (operations) => operations.fabrics())
        const bad = fabrics.filter(({ status }) => !['connected', 'connecting', 'disabled', 'unknown'].includes(status))
        must(
          bad.length === 0,
          bad
            .map(({ name, status, cause }) => `${name}: ${status}${cause === null ? '' : ` (${cause.message}; ${cause.remedy})`}`)
            .join('; '),
        )
        return `${fabrics.length} known`
      }),
    )
  }
  table(
    ['', 'CHECK', 'FOUND'],
    findings.map(({ ok, check, found }) => [ok ? 'ok' : 'WRONG', check, found]),
  )
  return findings.every(({ ok }) => ok)
}
