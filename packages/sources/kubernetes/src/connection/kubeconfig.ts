import { BinnacleError, type ClusterSecret, type ErrorPlace } from '@binnacle/protocol'
import { load } from 'js-yaml'

/** The data of a kubeconfig's context: only what stands in it, nothing that runs or reads files. */
export interface KubeconfigData {
  readonly server: string
  readonly ca: string | null
  readonly insecure: boolean
  readonly tlsServerName: string | null
  readonly context: string
  readonly secret: ClusterSecret | null
}

type Map = Record<string, unknown>

const isMap = (value: unknown): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Larger texts are no kubeconfigs. Characters. */
const MAX_TEXT = 262_144

function parse(text: string): Map {
  if (text.length > MAX_TEXT) throw new BinnacleError('KUBECONFIG_UNREADABLE', `it is longer than ${MAX_TEXT} characters`)
  // An alias may stand for itself many times over; no kubeconfig needs one. Per line, so that no text takes long to judge.
  const alias = text.split('\n').findIndex((line) => /(^|[\s,[{:-])[&*][A-Za-z0-9_]/.test(line) && !/^\s*#/.test(line))
  if (alias >= 0)
    throw new BinnacleError('KUBECONFIG_UNREADABLE', `line ${alias + 1}: YAML anchors and aliases are not accepted`, {
      places: [{ file: 'kubeconfig', line: alias + 1 }],
    })
  try {
    const value = load(text)
    if (!isMap(value)) throw new BinnacleError('KUBECONFIG_UNREADABLE', 'it is not a map')
    return value
  } catch (error) {
    if (error instanceof BinnacleError) throw error
    const mark = (error as { mark?: { line?: number; column?: number } }).mark
    const place: ErrorPlace =
      mark?.line === undefined
        ? { file: 'kubeconfig' }
        : { file: 'kubeconfig', line: mark.line + 1, ...(mark.column === undefined ? {} : { column: mark.column + 1 }) }
    const reason = (error as { reason?: unknown }).reason
    throw new BinnacleError('KUBECONFIG_UNREADABLE', `line ${place.line ?? 1}: ${typeof reason === 'string' ? reason : 'it is not YAML'}`, {
      cause: error,
      places: [place],
    })
  }
}

/** The line (from 1) in which a key first stands; for messages only. */
const lineOf = (text: string, key: string): number | undefined => {
  const index = text.split('\n').findIndex((line) => new RegExp(`^\\s*(- )?["']?${key}["']?\\s*:`).test(line))
  return index < 0 ? undefined : index + 1
}

function entry(config: Map, list: string, name: unknown, body: string): Map {
  const entries = config[list]
  const found = Array.isArray(entries) ? entries.find((each: unknown) => isMap(each) && each['name'] === name) : undefined
  const value: unknown = isMap(found) ? found[body] : undefined
  if (!isMap(value))
    throw new BinnacleError('KUBECONFIG_UNREADABLE', `it has no ${body} named ${JSON.stringify(name)}`, {
      places: [{ file: 'kubeconfig', field: `/${list}` }],
    })
  return value
}

const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  cluster: ['certificate-authority', 'proxy-url'],
  user: ['exec', 'auth-provider', 'tokenFile', 'client-certificate', 'client-key', 'as', 'as-groups', 'as-user-extra', 'as-uid'],
}

const text = (map: Map, key: string): string | undefined => (typeof map[key] === 'string' && map[key] !== '' ? map[key] : undefined)

function decoded(map: Map, key: string): string | undefined {
  const value = text(map, key)
  if (value === undefined) return undefined
  const plain = Buffer.from(value, 'base64').toString('utf8')
  if (!plain.includes('-----BEGIN '))
    throw new BinnacleError('KUBECONFIG_UNREADABLE', `${key} is not base64 of PEM text`, { places: [{ file: 'kubeconfig', field: key }] })
  return plain
}

/**
 * Reads the chosen context of a kubeconfig that came over the API. Whatever would run a program, read a file of this
 * machine or act for somebody else is refused (KUBECONFIG_FORBIDDEN), naming field and line; nothing is run or opened.
 */
export function readKubeconfig(content: string, contextName?: string): KubeconfigData {
  const config = parse(content)
  const name = contextName ?? config['current-context']
  if (typeof name !== 'string' || name === '')
    throw new BinnacleError('KUBECONFIG_UNREADABLE', 'it names no current-context; choose a context', {
      places: [{ file: 'kubeconfig', field: '/current-context' }],
    })
  const context = entry(config, 'contexts', name, 'context')
  const cluster = entry(config, 'clusters', context['cluster'], 'cluster')
  const user = context['user'] === undefined ? {} : entry(config, 'users', context['user'], 'user')
  for (const [part, map] of [
    ['cluster', cluster],
    ['user', user],
  ] as const) {
    for (const field of FORBIDDEN[part] ?? []) {
      if (map[field] === undefined || map[field] === null) continue
      const line = lineOf(content, field)
      throw new BinnacleError('KUBECONFIG_FORBIDDEN', `its ${part} has '${field}'${line === undefined ? '' : ` (line ${line})`}`, {
        places: [{ file: 'kubeconfig', field, ...(line === undefined ? {} : { line }) }],
      })
    }
  }
  const server = text(cluster, 'server')
  if (server === undefined || !server.startsWith('https://') || !URL.canParse(server))
    throw new BinnacleError('KUBECONFIG_UNREADABLE', 'its cluster has no https server address', {
      places: [{ file: 'kubeconfig', field: 'server' }],
    })
  const clientCertificate = decoded(user, 'client-certificate-data')
  const clientKey = decoded(user, 'client-key-data')
  const token = text(user, 'token')
  const username = text(user, 'username')
  const password = text(user, 'password')
  const secret: ClusterSecret = {
    ...(token === undefined ? {} : { token }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
  return {
    server,
    ca: decoded(cluster, 'certificate-authority-data') ?? null,
    insecure: cluster['insecure-skip-tls-verify'] === true,
    tlsServerName: text(cluster, 'tls-server-name') ?? null,
    context: name,
    secret: Object.keys(secret).length === 0 ? null : secret,
  }
}
