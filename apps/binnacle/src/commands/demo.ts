import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLabProcess } from './lab-process.ts'
import { readConfig } from './read-config.ts'
import { startServing, untilSignal } from './serve.ts'
import { say } from './terminal.ts'

/** How the demo is run. */
export interface DemoOptions {
  readonly port?: string
  readonly dataDir?: string
  readonly speed?: string
  readonly objects?: string
  readonly life?: string
}

/** Runs two lab fabrics in a process of their own and a hub that watches them; all on real protocols, all on loopback. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), 'binnacle-demo-'))
  const passed = (['speed', 'objects', 'life'] as const).flatMap((name) =>
    options[name] === undefined ? [] : [`--${name}`, options[name]],
  )
  const lab = await startLabProcess(['--folder', join(folder, 'lab'), ...passed])
  const cleanUp = async (): Promise<void> => {
    await lab.stop()
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    // The hub reads with accounts that may only get, list and watch, as it would in real life.
    const fabrics = lab.fabrics.map(({ name, readerKubeconfig }, index) => ({
      id: index + 1,
      name,
      description: 'A lab fabric on this machine',
      kubeconfig: readerKubeconfig,
    }))
    const configFile = join(folder, 'binnacle.yaml')
    writeFileSync(
      configFile,
      JSON.stringify({ data_dir: join(folder, 'data'), log: { level: 'warn', format: 'pretty' }, fabrics }, null, 2),
      { mode: 0o600 },
    )
    const hub = await startServing(readConfig(configFile, options.port === undefined ? {} : { 'listen.port': Number(options.port) }))
    say('Change something in a lab fabric and watch it arrive, for example:')
    for (const { kubeconfig } of lab.fabrics) say(`  kubectl --kubeconfig ${kubeconfig} get vpcs`)
    say('\nCtrl-C ends everything.')
    lab.process.once('exit', () => say('The lab has ended; what is shown will go stale.'))
    await untilSignal(async () => {
      await hub.close()
      await cleanUp()
    })
  } catch (error) {
    await cleanUp()
    throw error
  }
}
