import type { ConnectionInput, ConnectionTestReport } from '@binnacle/protocol'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CommandConfig } from './read-config.ts'
import { visible } from '../compose/logger.ts'
import { say, table } from './terminal.ts'
import { withAdmin } from './with-admin.ts'

/** Where the connection of a new fabric comes from. Secrets come from files or standard input, never from the command line. */
export interface FabricAddOptions {
  readonly kubeconfig?: string
  readonly kubeconfigFile?: string
  readonly context?: string
  readonly server?: string
  readonly caFile?: string
  readonly tokenFile?: string
  readonly inCluster?: boolean
  readonly description?: string
}

const textOf = (path: string): string => readFileSync(path === '-' ? 0 : path, 'utf8')

function connectionOf(options: FabricAddOptions): ConnectionInput {
  const context = options.context === undefined ? {} : { context: options.context }
  if (options.inCluster === true) return { type: 'in_cluster' }
  if (options.kubeconfigFile !== undefined) return { type: 'kubeconfig_file', path: resolve(options.kubeconfigFile), ...context }
  if (options.kubeconfig !== undefined) return { type: 'kubeconfig', kubeconfig: textOf(options.kubeconfig), ...context }
  return {
    type: 'url',
    server: options.server ?? '',
    ...(options.caFile === undefined ? {} : { ca: textOf(options.caFile) }),
    ...(options.tokenFile === undefined ? {} : { token: textOf(options.tokenFile).trim() }),
  }
}

/** `binnacle fabric add NAME`. */
export async function addFabric(config: CommandConfig, name: string, options: FabricAddOptions): Promise<void> {
  const fabric = await withAdmin(config, (operations) =>
    operations.addFabric({ name, description: options.description ?? '', connection: connectionOf(options), settings: {} }),
  )
  say(`fabric ${fabric.name} has id ${fabric.id}; prove it with: binnacle fabric test ${fabric.name}`)
}

/** `binnacle fabric list`. */
export async function listFabrics(config: CommandConfig): Promise<void> {
  const fabrics = await withAdmin(config, (operations) => operations.fabrics())
  table(
    ['ID', 'NAME', 'STATUS', 'SINCE', 'SERVER', 'CREDENTIAL', 'CAUSE'],
    fabrics.map((fabric) => [
      String(fabric.id),
      fabric.name,
      fabric.status,
      fabric.status_since,
      fabric.connection.server ?? fabric.connection.path ?? fabric.connection.type,
      fabric.connection.credential + (fabric.connection.insecure ? ' INSECURE' : ''),
      fabric.cause?.message ?? '',
    ]),
  )
}

/** `binnacle fabric remove NAME`. */
export async function removeFabric(config: CommandConfig, name: string): Promise<void> {
  await withAdmin(config, (operations) => operations.removeFabric({ name }))
  say(`fabric ${name} is removed`)
}

/** `binnacle fabric test NAME`: proves the watch per kind. False when an expected kind could not be proven. */
export async function testFabric(config: CommandConfig, name: string): Promise<boolean> {
  const report: ConnectionTestReport = await withAdmin(config, (operations) => operations.testFabric({ name }))
  say(`server ${visible(report.server_version ?? 'not reached')}`)
  table(
    ['KIND', 'EXPECTED', 'OBJECTS', 'LIST', 'WATCH', 'CAUSE', 'REMEDY'],
    report.kinds.map((kind) => {
      const cause = kind.list.cause ?? kind.watch.cause ?? (kind.served ? null : report.cause)
      const step = ({ ok, ms }: { readonly ok: boolean; readonly ms: number | null }): string => (ok ? `${ms ?? 0} ms` : 'FAILED')
      const absent = !kind.served && !kind.expected
      return [
        kind.kind,
        kind.expected ? 'yes' : 'no',
        kind.list.objects === null ? '-' : String(kind.list.objects),
        absent ? '-' : step(kind.list),
        absent ? '-' : step(kind.watch),
        absent ? 'not served' : (cause?.message ?? ''),
        absent ? '' : (cause?.remedy ?? ''),
      ]
    }),
  )
  say(
    report.ok
      ? 'every kind that must be watched can be watched'
      : visible(`NOT PROVEN: ${report.cause?.message ?? ''} ${report.cause?.remedy ?? ''}`),
  )
  return report.ok
}
