import { causeOf, errorCodeOf } from '@binnacle/protocol'
import { testConnection } from '../test-connection.ts'
import { clusterOfFile, type ClusterUnderTest } from './cluster-under-test.ts'
import { SUITE_KINDS } from './hedgehog-kinds.ts'
import { realClock } from './real-clock.ts'
import { SOURCE_CASES } from './source-cases.ts'

interface Arguments {
  readonly list: boolean
  readonly kubeconfig: string | undefined
  readonly readOnly: boolean
  readonly only: string | undefined
}

function parse(args: readonly string[]): Arguments | string {
  let list = false
  let readOnly = false
  let kubeconfig: string | undefined
  let only: string | undefined
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? ''
    if (word === '--list') list = true
    else if (word === '--read-only') readOnly = true
    else if (word === '--kubeconfig') kubeconfig = args[(index += 1)]
    else if (word === '--only') only = args[(index += 1)]
    else return `unknown option ${word}`
  }
  return { list, readOnly, kubeconfig, only }
}

const USAGE = 'usage: conformance:kubernetes --kubeconfig FILE [--read-only] [--only KS9] | --list'

const says = (error: unknown): string =>
  errorCodeOf(error) === undefined
    ? error instanceof Error
      ? error.message
      : String(error)
    : `${causeOf(error).code}: ${causeOf(error).message}`

/** Whether the account may create and delete the suite's objects, asked by a dry run. */
async function mayWrite(cluster: ClusterUnderTest): Promise<boolean> {
  try {
    await cluster.probeWrite()
    return true
  } catch {
    // Refused, or not understood: the cases that write are skipped, with that reason.
    return false
  }
}

/** Objects of several kinds without side effects in a fabric, so that a server without any can prove something. */
const SEEDS: readonly (readonly [kind: string, spec: Record<string, unknown>])[] = [
  ['Server', { description: 'seen by the suite' }],
  ['Server', { description: 'seen by the suite too' }],
  ['SwitchGroup', {}],
  ['VLANNamespace', { ranges: [{ from: 3_900, to: 3_910 }] }],
  ['IPv4Namespace', { subnets: ['198.18.0.0/24'] }],
]

/** Creates the seeds; what admission of a fabric in use refuses (overlapping ranges) is said and left out. */
async function seed(cluster: ClusterUnderTest, print: (line: string) => void): Promise<void> {
  for (const [index, [kindName, spec]] of SEEDS.entries()) {
    const kind = SUITE_KINDS.find((each) => each.kind === kindName)
    // Names of namespaces are limited to eleven characters by Hedgehog.
    const name = `bs${process.pid.toString(36)}-${index}`
    try {
      if (kind !== undefined) await cluster.create(kind, { metadata: { name }, spec })
    } catch (error) {
      print(`  the ${kindName} ${name} was refused: ${says(error)}`)
    }
  }
}

/**
 * Runs the suite against any API server that serves the Hedgehog kinds; prints the server's version, the objects counted
 * per kind, each case, and as last line `N passed, N failed, N skipped`. Resolves with the exit code: 0 only when
 * something was proven and nothing failed.
 */
export async function runKubernetesConformance(
  args: readonly string[],
  print: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Promise<number> {
  const given = parse(args)
  if (typeof given === 'string' || (!given.list && given.kubeconfig === undefined)) {
    print(typeof given === 'string' ? given : 'a kubeconfig is needed')
    print(USAGE)
    return 2
  }
  if (given.list || given.kubeconfig === undefined) {
    for (const { title, writes } of SOURCE_CASES) print(`${title}${writes ? ' (writes)' : ''}`)
    return 0
  }
  let cluster: ClusterUnderTest
  try {
    cluster = await clusterOfFile(given.kubeconfig)
  } catch (error) {
    print(`the kubeconfig cannot be used: ${says(error)}`)
    print('0 passed, 1 failed, 0 skipped')
    return 1
  }
  const interrupted = (): void => {
    print('interrupted: what was created is removed')
    void cluster.removeCreated().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    return await run(cluster, given, print)
  } finally {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
    await cluster.removeCreated()
    await cluster.close()
  }
}

async function run(cluster: ClusterUnderTest, given: Arguments, print: (line: string) => void): Promise<number> {
  const writes = !given.readOnly && (await mayWrite(cluster))
  if (writes) await seed(cluster, print)
  const connection = await cluster.open()
  const report = await testConnection(connection, SUITE_KINDS, { clock: realClock })
  await connection.close()
  print(`server ${cluster.server.href} version ${report.server_version ?? 'unknown'}`)
  for (const { kind, served, list, watch } of report.kinds)
    print(
      `  ${kind.padEnd(20)} ${served ? `${list.objects ?? '?'} objects` : 'not served'}${list.cause === null ? '' : ` ${list.cause.message}`}${watch.cause === null ? '' : ` ${watch.cause.message}`}`,
    )
  const seen = report.kinds.reduce((sum, { list }) => sum + (list.objects ?? 0), 0)
  let passed = 0
  let failed = 0
  let skipped = 0
  for (const { title, writes: needsWrite, run: prove } of SOURCE_CASES) {
    if (given.only !== undefined && !title.startsWith(`[${given.only}]`)) continue
    if (needsWrite && !writes) {
      skipped += 1
      print(`skip ${title}: ${given.readOnly ? 'read only was asked for' : 'the account may not write'}`)
      continue
    }
    try {
      await prove(cluster)
      passed += 1
      print(`ok   ${title}`)
    } catch (error) {
      failed += 1
      print(`FAIL ${title}: ${says(error)}`)
    }
  }
  if (seen === 0) {
    failed += 1
    print('FAIL the server showed no object of any kind: nothing was proven')
  }
  print(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed === 0 && passed > 0 ? 0 : 1
}
