import { chmod, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { load } from 'js-yaml'
import { hedgehogCrds } from './hedgehog-crds.ts'
import { isObject, type JsonObject } from './json.ts'
import { LAB_MODES } from './lab-features.ts'
import { startLabServer } from './lab-server.ts'

/**
 * The lab API server as a process of its own.
 *
 * Serves the Hedgehog kinds (--expected-only: just the 12; --without KIND; --version v1alpha2; --no-hedgehog: none) and the
 * CRDs of --crds FILE. Prints one JSON line when ready: {url, port, kubeconfig, controlToken}. Ends on SIGTERM or SIGINT.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      kubeconfig: { type: 'string' },
      account: { type: 'string', default: 'admin' },
      mode: { type: 'string', default: '1.32' },
      'read-only': { type: 'boolean', default: false },
      'control-token': { type: 'string' },
      'bookmark-seconds': { type: 'string', default: '60' },
      'history-limit': { type: 'string', default: '10000' },
      'no-admission': { type: 'boolean', default: false },
      'no-hedgehog': { type: 'boolean', default: false },
      'expected-only': { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      version: { type: 'string' },
      crds: { type: 'string', multiple: true, default: [] },
    },
  })
  const mode = LAB_MODES.find((known) => known === values.mode)
  if (mode === undefined) throw new RangeError(`--mode ${values.mode} is not known; use one of ${LAB_MODES.join(', ')}`)
  const crds: JsonObject[] = []
  for (const file of values.crds) {
    const document: unknown = load(await readFile(file, 'utf8'))
    if (isObject(document)) crds.push(document)
  }
  const server = await startLabServer({
    mode,
    port: Number(values.port),
    readOnly: values['read-only'],
    historyLimit: Number(values['history-limit']),
    watch: { bookmarkMs: Number(values['bookmark-seconds']) * 1000 },
    crds: [
      ...(values['no-hedgehog']
        ? []
        : hedgehogCrds({
            expectedOnly: values['expected-only'],
            without: values.without,
            ...(values.version && { version: values.version }),
          })),
      ...crds,
    ],
    ...(values['no-admission'] && { admission: 'none' as const }),
    ...(values['control-token'] !== undefined && { controlToken: values['control-token'] }),
  })
  if (values.kubeconfig !== undefined) {
    await writeFile(values.kubeconfig, server.kubeconfig(values.account), { mode: 0o600 })
    await chmod(values.kubeconfig, 0o600)
  }
  process.stdout.write(
    `${JSON.stringify({ url: server.url, port: server.port, kubeconfig: values.kubeconfig ?? null, controlToken: server.controlToken })}\n`,
  )
  const end = (): void => void server.close().then(() => process.exit(0))
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}

await main()
