/** What a kubeconfig points to and signs in with. */
export interface KubeconfigParts {
  readonly server: string
  readonly ca: string
  readonly account: string
  readonly token?: string
  readonly clientCertificate?: { readonly cert: string; readonly key: string }
}

/** A kubeconfig (JSON, which is YAML too) with everything inside: no file besides it is needed. */
export function kubeconfigText(parts: KubeconfigParts): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const user = parts.clientCertificate
    ? { 'client-certificate-data': base64(parts.clientCertificate.cert), 'client-key-data': base64(parts.clientCertificate.key) }
    : { token: parts.token }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: parts.server, 'certificate-authority-data': base64(parts.ca) } }],
    users: [{ name: parts.account, user }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: parts.account, namespace: 'default' } }],
    'current-context': 'lab',
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
