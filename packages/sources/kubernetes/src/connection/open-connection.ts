import { BinnacleError, type ClusterSecret, type Clock, type ConnectionView } from '@binnacle/protocol'
import { KubeConfig } from '@kubernetes/client-node'
import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { openHttpConnection, type Connection } from './connection.ts'
import { deniedAddress, type DestinationPolicy } from './destination-policy.ts'
import { guardedLookup } from './guarded-lookup.ts'

/** What opening a connection needs besides the connection. */
export interface OpenOptions {
  readonly clock: Clock
  /** Judges every address that is dialled; undefined = anywhere (the operator gave the connection). */
  readonly destinations: DestinationPolicy | undefined
}

const basic = (username: string, password: string): string => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

function authorization(secret: ClusterSecret | null): Record<string, string> {
  if (secret?.token !== undefined) return { authorization: `Bearer ${secret.token}` }
  if (secret?.username !== undefined) return { authorization: basic(secret.username, secret.password ?? '') }
  return {}
}

function openUrl(view: ConnectionView, secret: ClusterSecret | null, { clock, destinations }: OpenOptions): Connection {
  const server = view.server ?? ''
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '')
  // A literal address never goes through a lookup.
  const denied = destinations === undefined ? undefined : deniedAddress(host, destinations)
  if (denied !== undefined) throw new BinnacleError('DESTINATION_DENIED', denied)
  const headers = authorization(secret)
  return openHttpConnection({
    server,
    tls: {
      ca: view.ca ?? undefined,
      cert: secret?.clientCertificate,
      key: secret?.clientKey,
      servername: view.tls_server_name ?? undefined,
      insecure: view.insecure,
    },
    authorize: () => Promise.resolve(headers),
    clock,
    ...(destinations === undefined ? {} : { lookup: guardedLookup(destinations) as never }),
  })
}

/**
 * A kubeconfig of the operator's own: its plug-ins may run programs and read files. The library renews exec tokens when
 * they expire and reads token files again; we ask it for each request.
 */
async function openKubeconfig(config: KubeConfig, clock: Clock, where: string): Promise<Connection> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new BinnacleError('KUBECONFIG_UNREADABLE', `${where} names no cluster in its current context`)
  const first: RequestOptions = {}
  const apply = async (options: RequestOptions): Promise<void> => {
    try {
      await config.applyToHTTPSOptions(options)
    } catch (error) {
      // What a plug-in printed may hold anything; only our sentence goes on.
      throw new BinnacleError(
        'CLUSTER_UNAUTHORIZED',
        `the credential of ${where} could not be obtained: ${error instanceof Error ? (error.message.split('\n')[0]?.slice(0, 200) ?? '') : 'unknown'}`,
        { cause: error },
      )
    }
  }
  await apply(first)
  const text = (value: unknown): string | undefined =>
    Buffer.isBuffer(value) ? value.toString('utf8') : typeof value === 'string' ? value : undefined
  return openHttpConnection({
    server: cluster.server,
    tls: {
      ca: text(first.ca),
      cert: text(first.cert),
      key: text(first.key),
      servername: text(first.servername),
      insecure: cluster.skipTLSVerify,
    },
    authorize: async (): Promise<Record<string, string>> => {
      const options: RequestOptions = {}
      await apply(options)
      const value = (options.headers as Record<string, string> | undefined)?.['Authorization']
      if (value !== undefined) return { authorization: value }
      return options.auth === undefined || options.auth === null
        ? {}
        : { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` }
    },
    clock,
  })
}

const loaded = (where: string, load: (config: KubeConfig) => void): KubeConfig => {
  const config = new KubeConfig()
  try {
    load(config)
    return config
  } catch (error) {
    throw new BinnacleError(
      'KUBECONFIG_UNREADABLE',
      `${where}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable'}`,
      { cause: error, places: [{ file: where }] },
    )
  }
}

/** Opens a stored connection. Nothing is dialled yet. Throws KUBECONFIG_*, DESTINATION_DENIED, CLUSTER_UNAUTHORIZED. */
export async function openConnection(view: ConnectionView, secret: ClusterSecret | null, options: OpenOptions): Promise<Connection> {
  switch (view.type) {
    case 'url':
      return openUrl(view, secret, options)
    case 'in_cluster':
      return openKubeconfig(
        loaded('the in-cluster account', (config) => config.loadFromCluster()),
        options.clock,
        'the in-cluster account',
      )
    case 'kubeconfig_file': {
      const path = view.path ?? ''
      try {
        await readFile(path)
      } catch (error) {
        throw new BinnacleError('KUBECONFIG_UNREADABLE', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ''}`, {
          cause: error,
          places: [{ file: path }],
        })
      }
      const config = loaded(path, (each) => each.loadFromFile(path))
      if (view.context !== null) {
        if (config.getContextObject(view.context) === null)
          throw new BinnacleError('KUBECONFIG_UNREADABLE', `${path} has no context ${view.context}`, {
            places: [{ file: path, field: 'contexts' }],
          })
        config.setCurrentContext(view.context)
      }
      return openKubeconfig(config, options.clock, path)
    }
  }
}
