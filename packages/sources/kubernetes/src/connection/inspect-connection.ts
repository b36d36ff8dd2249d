import { BinnacleError, type ClusterSecret, type ConnectionInput, type ConnectionView } from '@binnacle/protocol'
import { deniedAddress, type DestinationPolicy } from './destination-policy.ts'
import { readKubeconfig } from './kubeconfig.ts'

/** How far whoever gave a connection is trusted. */
export interface InspectOptions {
  /** From the command line or the configuration file: may run programs and read files. */
  readonly trusted: boolean
  readonly allowInsecure: boolean
  /** Where the cluster may be; undefined = anywhere. */
  readonly destinations: DestinationPolicy | undefined
}

const credentialOf = (secret: ClusterSecret | null): ConnectionView['credential'] =>
  secret === null
    ? 'none'
    : secret.token !== undefined
      ? 'token'
      : secret.clientCertificate !== undefined
        ? 'certificate'
        : secret.username !== undefined
          ? 'basic'
          : 'none'

function checkedServer(server: string, { destinations }: InspectOptions): string {
  const url = new URL(server)
  if (url.protocol !== 'https:')
    throw new BinnacleError('INVALID', 'a cluster is reached by https only', { places: [{ field: '/connection/server' }] })
  if (url.username !== '' || url.password !== '')
    throw new BinnacleError('INVALID', 'the address must not carry a user or password', { places: [{ field: '/connection/server' }] })
  if (url.search !== '' || url.hash !== '')
    throw new BinnacleError('INVALID', 'the address must not carry a query or fragment', { places: [{ field: '/connection/server' }] })
  // `URL` has already turned every spelling of an address (0x7f.1, 2130706433, circled digits) into the plain one.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const denied = destinations === undefined ? undefined : deniedAddress(host, destinations)
  if (denied !== undefined) throw new BinnacleError('DESTINATION_DENIED', denied, { places: [{ field: '/connection/server' }] })
  if (destinations?.loopback === false && /^(localhost|.*\.localhost)\.?$/i.test(host))
    throw new BinnacleError('DESTINATION_DENIED', `${host} is a loopback name`, { places: [{ field: '/connection/server' }] })
  return url.href.replace(/\/$/, '')
}

/**
 * Splits a connection as given into what may be shown and what must be sealed, and refuses what whoever gave it may
 * not ask for (KUBECONFIG_FORBIDDEN, DESTINATION_DENIED, INVALID). Opens nothing.
 */
export function inspectConnection(
  input: ConnectionInput,
  options: InspectOptions,
): { readonly view: ConnectionView; readonly secret: ClusterSecret | null } {
  if (input.type === 'kubeconfig_file' || input.type === 'in_cluster') {
    if (!options.trusted) throw new BinnacleError('KUBECONFIG_FORBIDDEN', undefined, { places: [{ field: '/connection/type' }] })
    const path = input.type === 'kubeconfig_file' ? input.path : null
    const context = input.type === 'kubeconfig_file' ? (input.context ?? null) : null
    return {
      view: {
        type: input.type,
        server: null,
        ca: null,
        insecure: false,
        tls_server_name: null,
        path,
        context,
        credential: input.type === 'in_cluster' ? 'in_cluster' : 'file',
      },
      secret: null,
    }
  }
  const data =
    input.type === 'kubeconfig'
      ? readKubeconfig(input.kubeconfig, input.context)
      : {
          server: input.server,
          ca: input.ca ?? null,
          insecure: input.insecure === true,
          tlsServerName: input.tls_server_name ?? null,
          context: null,
          secret:
            input.token === undefined && input.client_certificate === undefined
              ? null
              : {
                  ...(input.token === undefined ? {} : { token: input.token }),
                  ...(input.client_certificate === undefined ? {} : { clientCertificate: input.client_certificate }),
                  ...(input.client_key === undefined ? {} : { clientKey: input.client_key }),
                },
        }
  if (data.insecure && !options.allowInsecure)
    throw new BinnacleError('INVALID', 'skipping the verification of certificates is not allowed here', {
      places: [{ field: '/connection/insecure' }],
    })
  return {
    view: {
      type: 'url',
      server: checkedServer(data.server, options),
      ca: data.ca,
      insecure: data.insecure,
      tls_server_name: data.tlsServerName,
      path: null,
      context: data.context,
      credential: credentialOf(data.secret),
    },
    secret: data.secret,
  }
}
