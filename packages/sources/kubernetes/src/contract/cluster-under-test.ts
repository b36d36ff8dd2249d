import { BinnacleError, type ClusterSecret, type ConnectionView } from '@binnacle/protocol'
import { KubeConfig } from '@kubernetes/client-node'
import type { RequestOptions } from 'node:https'
import { Agent } from 'undici'
import type { Connection } from '../connection/connection.ts'
import { inspectConnection } from '../connection/inspect-connection.ts'
import { openConnection } from '../connection/open-connection.ts'
import type { WantedKind } from '../discovery/served-kind.ts'
import { realClock } from './real-clock.ts'

/** An API server that the suite runs against, reached with a kubeconfig that carries its credentials inside. */
export interface ClusterUnderTest {
  readonly server: URL
  /** A connection of its own; `through` dials another port of this machine instead, with the same identity. */
  open(through?: number): Promise<Connection>
  /** A connection with one thing wrong. */
  openWith(change: Partial<ConnectionView>, secret?: ClusterSecret | null): Promise<Connection>
  /** The server's own list of a kind, `namespace/name uid version`, sorted. */
  list(kind: WantedKind): Promise<string[]>
  /** Creates an object in a dry run; throws when the account may not. */
  probeWrite(): Promise<void>
  create(kind: WantedKind, object: Record<string, unknown>): Promise<void>
  /** Merge patch. */
  patch(kind: WantedKind, name: string, patch: Record<string, unknown>): Promise<void>
  remove(kind: WantedKind, name: string): Promise<void>
  /** Removes whatever was created here and is still there; after failures and interruptions too. */
  removeCreated(): Promise<void>
  close(): Promise<void>
}

/** Objects of the suite live here. */
export const SUITE_NAMESPACE = 'default'

const PROBE: WantedKind = { group: 'wiring.githedgehog.com', kind: 'Server', plural: 'servers', version: 'v1beta1', expected: true }

const collection = ({ group, version, plural }: WantedKind, namespace?: string): string =>
  `/apis/${group}/${version}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`

const TRUSTED = { trusted: true, allowInsecure: true, destinations: undefined }

/** The cluster of a kubeconfig's text, with its credentials inside. */
export function clusterOfText(kubeconfig: string): Promise<ClusterUnderTest> {
  const { view, secret } = inspectConnection({ type: 'kubeconfig', kubeconfig }, TRUSTED)
  return clusterOf(view, secret)
}

/** The cluster of a kubeconfig file; plug-ins are run and files are read once, now. */
export async function clusterOfFile(path: string): Promise<ClusterUnderTest> {
  const config = new KubeConfig()
  config.loadFromFile(path)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new BinnacleError('KUBECONFIG_UNREADABLE', `${path} names no cluster in its current context`)
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const text = (value: unknown): string | undefined =>
    value === undefined || value === null
      ? undefined
      : Buffer.isBuffer(value)
        ? value.toString('utf8')
        : typeof value === 'string'
          ? value
          : undefined
  const token = /^Bearer (.+)$/.exec((options.headers as Record<string, string> | undefined)?.['Authorization'] ?? '')?.[1]
  const cert = text(options.cert)
  const key = text(options.key)
  const { view } = inspectConnection({ type: 'url', server: cluster.server, insecure: cluster.skipTLSVerify }, TRUSTED)
  return clusterOf(
    { ...view, ca: text(options.ca) ?? null, tls_server_name: text(options.servername) ?? null },
    {
      ...(token === undefined ? {} : { token }),
      ...(cert === undefined ? {} : { clientCertificate: cert }),
      ...(key === undefined ? {} : { clientKey: key }),
    },
  )
}

/** Makes a cluster ready for the suite. */
async function clusterOf(view: ConnectionView, secret: ClusterSecret | null): Promise<ClusterUnderTest> {
  const server = new URL(view.server ?? '')
  const open = (change: Partial<ConnectionView> = {}, with_ = secret): Promise<Connection> =>
    openConnection({ ...view, ...change }, with_, { clock: realClock, destinations: undefined })
  const own = await open()
  const agent = new Agent({
    connect: {
      ...(view.ca === null ? {} : { ca: view.ca }),
      ...(secret?.clientCertificate === undefined ? {} : { cert: secret.clientCertificate }),
      ...(secret?.clientKey === undefined ? {} : { key: secret.clientKey }),
      rejectUnauthorized: !view.insecure,
    },
  })
  const write = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown, type = 'application/json'): Promise<void> => {
    const headers = { 'content-type': type, ...(secret?.token === undefined ? {} : { authorization: `Bearer ${secret.token}` }) }
    const response = await agent.request({
      origin: server.origin,
      path: server.pathname.replace(/\/+$/, '') + path,
      method,
      headers,
      body: JSON.stringify(body),
    })
    const text = await response.body.text()
    if (response.statusCode >= 300)
      throw new BinnacleError('CLUSTER_PROTOCOL', `${method} ${path} was answered ${response.statusCode}: ${text.slice(0, 300)}`)
  }
  const created = new Map<string, readonly [kind: WantedKind, name: string]>()
  const remove = async (kind: WantedKind, object: string): Promise<void> => {
    await write('DELETE', `${collection(kind, SUITE_NAMESPACE)}/${object}`, {})
    created.delete(`${kind.plural}/${object}`)
  }
  // An IP address cannot be a server name; every API server's certificate carries this one.
  const name = /^[\d.:[\]]+$/.test(server.hostname) ? 'kubernetes.default.svc' : server.hostname
  return {
    server,
    probeWrite: () =>
      write('POST', `${collection(PROBE, SUITE_NAMESPACE)}?dryRun=All`, {
        apiVersion: `${PROBE.group}/${PROBE.version}`,
        kind: PROBE.kind,
        metadata: { name: 'binnacle-suite-probe' },
        spec: {},
      }),
    open: (through) =>
      through === undefined
        ? open()
        : open({
            server: `https://127.0.0.1:${through}${server.pathname.replace(/\/+$/, '')}`,
            tls_server_name: view.tls_server_name ?? name,
          }),
    openWith: (change, other) => open(change, other === undefined ? secret : other),
    list: async (kind) => {
      const answer = (await own.json(collection(kind))) as {
        items: { metadata: { name: string; namespace?: string; uid: string; resourceVersion: string } }[]
      }
      return answer.items
        .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`)
        .sort()
    },
    create: async (kind, object) => {
      const { name: of } = object['metadata'] as { readonly name: string }
      // Noted before: an answer that never came may be that of an object that was made.
      created.set(`${kind.plural}/${of}`, [kind, of])
      await write('POST', collection(kind, SUITE_NAMESPACE), { apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind, ...object })
    },
    patch: (kind, object, patch) => write('PATCH', `${collection(kind, SUITE_NAMESPACE)}/${object}`, patch, 'application/merge-patch+json'),
    remove,
    removeCreated: async () => {
      // What is not there any more was removed by its case, or never made.
      for (const [kind, object] of [...created.values()].reverse()) await remove(kind, object).catch(() => undefined)
    },
    close: async () => {
      await own.close()
      await agent.close()
    },
  }
}
