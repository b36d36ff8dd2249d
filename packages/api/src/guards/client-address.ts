import type { IncomingMessage } from 'node:http'

const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '')

/** The address of the client: what a trusted proxy says it is, else the socket's. Strangers' X-Forwarded-For counts nothing. */
export function clientAddress(request: IncomingMessage, trustedProxies: readonly string[]): string {
  const peer = plain(request.socket.remoteAddress)
  if (!trustedProxies.includes(peer)) return peer
  const forwarded = request.headers['x-forwarded-for']
  const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? ''))
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '')
  // From the nearest hop back to the first one that is not ours.
  for (const hop of hops.toReversed()) if (!trustedProxies.includes(hop)) return hop.slice(0, 64)
  return peer
}
