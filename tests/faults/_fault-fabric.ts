import { EXPECTED_KINDS, kindOf } from '@binnacle/hedgehog'
import {
  createFaultProxy,
  hedgehogCrds,
  labClock,
  spineLeafFabric,
  startLabServer,
  type FaultProxy,
  type LabServer,
  type LabServerOptions,
} from '@binnacle/lab'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One version of an object as the lab's API server made it. */
export interface MadeChange {
  readonly type: 'cr_created' | 'cr_updated' | 'cr_deleted'
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly version: string
}

/** An object as a list shows it. */
export interface ListedObject {
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly version: string
}

/** A lab API server behind a fault proxy, as a fabric of the configuration. */
export interface FaultFabric {
  readonly name: string
  readonly lab: LabServer
  readonly proxy: FaultProxy
  readonly kubeconfig: string
  /** Every version that the server made since it was filled, in order. */
  readonly made: readonly MadeChange[]
  /** The server's own list. */
  objects(kind: string): ListedObject[]
  create(kind: string, name: string): void
  update(kind: string, name: string): void
  remove(kind: string, name: string): void
  close(): Promise<void>
}

/** Options of {@link startFaultFabric}. */
export interface FaultFabricOptions {
  readonly server?: LabServerOptions
  readonly account?: string
  /** Probe objects per kind, named `<kind>-1` and so on. */
  readonly probes?: number
}

/** Often enough for a stall deadline of 5 s. Milliseconds. */
const BOOKMARK_MS = 1_500
const TYPES = { ADDED: 'cr_created', MODIFIED: 'cr_updated', DELETED: 'cr_deleted' } as const

/** The resource key of a kind in the lab's store. */
export function resourceOf(kind: string): string {
  const definition = kindOf(kind)
  if (definition === undefined) throw new RangeError(`${kind} is not a Hedgehog kind`)
  return `${definition.plural}.${definition.group}`
}

/** The name of a probe object. */
export const probe = (kind: string, number: number): string => `${kind.toLowerCase()}-${number}`

/** Kinds that every fabric must serve. */
export const TWELVE: readonly string[] = EXPECTED_KINDS.map(({ kind }) => kind)

/** Starts a server with the 12 kinds, filled, behind a proxy; its kubeconfig leads through the proxy. */
export async function startFaultFabric(folder: string, name: string, options: FaultFabricOptions = {}): Promise<FaultFabric> {
  const lab = await startLabServer({
    crds: hedgehogCrds({ expectedOnly: true }),
    ...options.server,
    watch: { bookmarkMs: BOOKMARK_MS, ...options.server?.watch },
  })
  const served = new Set([...lab.store.resource('customresourcedefinitions.apiextensions.k8s.io').list()].map(({ name: crd }) => crd))
  lab.control.seed(spineLeafFabric({ name }).objects.filter(({ kind }) => served.has(resourceOf(kind))))
  const proxy = await createFaultProxy({ target: { port: lab.port }, clock: labClock })
  const kubeconfig = join(folder, `${name}.kubeconfig`)
  writeFileSync(kubeconfig, lab.kubeconfig(options.account ?? 'admin').replaceAll(lab.url, `https://127.0.0.1:${proxy.port}`), {
    mode: 0o600,
  })
  const made: MadeChange[] = []
  let turn = 0
  const store = (kind: string) => lab.store.resource(resourceOf(kind))
  const stored = (kind: string, object: string) => {
    const found = store(kind).get(`default/${object}`)
    if (found === undefined) throw new RangeError(`there is no ${kind} ${object}`)
    return JSON.parse(found.json.toString()) as Parameters<ReturnType<typeof store>['put']>[0]
  }
  const fabric: FaultFabric = {
    name,
    lab,
    proxy,
    kubeconfig,
    made,
    objects: (kind) =>
      store(kind)
        .list()
        .map((each) => ({ kind, name: each.name, uid: each.uid, version: String(each.revision) })),
    create: (kind, object) => {
      const [pattern] = store(kind).list()
      if (pattern === undefined) throw new RangeError(`there is no ${kind} to make another one of`)
      const { uid: _uid, resourceVersion: _version, ...metadata } = stored(kind, pattern.name).metadata
      lab.control.seed([{ ...stored(kind, pattern.name), metadata: { ...metadata, name: object } }])
    },
    update: (kind, object) => {
      turn += 1
      const before = stored(kind, object)
      store(kind).put({ ...before, metadata: { ...before.metadata, labels: { ...before.metadata.labels, turn: String(turn) } } })
    },
    remove: (kind, object) => {
      if (!lab.control.remove(resourceOf(kind), 'default', object)) throw new RangeError(`there is no ${kind} ${object}`)
    },
    close: async () => {
      await proxy.close()
      await lab.close()
    },
  }
  for (const kind of TWELVE.filter((each) => served.has(resourceOf(each)))) {
    for (let number = 1; number <= (options.probes ?? 4); number += 1) fabric.create(kind, probe(kind, number))
    store(kind).listen(({ type, object, revision }) =>
      made.push({ type: TYPES[type], kind, name: object.name, uid: object.uid, version: String(revision) }),
    )
  }
  return fabric
}
