import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDemoLab } from './demo-lab.ts'
import { labClock } from './lab-clock.ts'

const LIVES = ['story', 'beats', 'still'] as const

/** A number given on the command line; throws RangeError with the option's name. */
function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`--${name} ${text} is not a number`)
  return value
}

/**
 * The lab as a process of its own: two fabrics, one API server each. Prints one JSON line when ready:
 * {fabrics: [{name, server, ca, token, kubeconfig}]}. Ends on SIGTERM or SIGINT.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      /** Of the first server; the second takes the next. */
      port: { type: 'string', default: '0' },
      /** Folder for kubeconfigs; a new one in the temporary folder unless given. */
      folder: { type: 'string' },
      seed: { type: 'string', default: '1' },
      speed: { type: 'string', default: '1' },
      life: { type: 'string', default: 'story' },
      /** VPCs in addition to the first fabric's own. */
      objects: { type: 'string', default: '0' },
    },
  })
  const life = LIVES.find((known) => known === values.life)
  if (life === undefined) throw new RangeError(`--life ${values.life} is not known; use one of ${LIVES.join(', ')}`)
  const speed = numberOf('speed', values.speed)
  if (speed === 0) throw new RangeError('--speed must be more than 0')
  const own = values.folder === undefined ? await mkdtemp(join(tmpdir(), 'binnacle-lab-')) : undefined
  const folder = values.folder ?? own
  const lab = await startDemoLab({
    clock: labClock,
    ...(folder !== undefined && { folder }),
    port: numberOf('port', values.port),
    seed: numberOf('seed', values.seed),
    speed,
    life,
    manyVpcs: numberOf('objects', values.objects),
    onError: (error) => process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`),
  })
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    void lab
      .close()
      .then(() => (own === undefined ? undefined : rm(own, { recursive: true, force: true })))
      .then(() => process.exit(0))
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  process.stdout.write(`${JSON.stringify({ fabrics: lab.fabrics })}\n`)
}

await main()
