import { copyFileSync } from 'node:fs'
import { startLabProcess } from './lab-process.ts'
import { untilSignal } from './serve.ts'
import { table } from './terminal.ts'

/** How the lab alone is run. */
export interface LabOptions {
  readonly port?: string
  readonly kubeconfig?: string
  readonly objects?: string
}

/** Runs only the lab: its API servers with both fabrics. `kubeconfig` gets a copy of the first fabric's. */
export async function runLab(options: LabOptions): Promise<void> {
  const lab = await startLabProcess([
    ...(options.port === undefined ? [] : ['--port', options.port]),
    ...(options.objects === undefined ? [] : ['--objects', options.objects]),
  ])
  const [first] = lab.fabrics
  if (options.kubeconfig !== undefined && first !== undefined) copyFileSync(first.kubeconfig, options.kubeconfig)
  table(
    ['FABRIC', 'SERVER', 'KUBECONFIG'],
    lab.fabrics.map(({ name, server, kubeconfig }) => [name, server, kubeconfig]),
  )
  await untilSignal(() => lab.stop())
}
