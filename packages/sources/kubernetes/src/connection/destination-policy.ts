import { BlockList, isIP } from 'node:net'

/** Which addresses a cluster given over the API may have. Link-local (cloud metadata), unspecified and multicast never. */
export interface DestinationPolicy {
  /** RFC 1918, RFC 4193 (fc00::/7) and carrier-grade NAT (100.64/10). */
  readonly private: boolean
  readonly loopback: boolean
}

const ranges = (...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList => {
  const list = new BlockList()
  for (const [address, prefix, family] of subnets) list.addSubnet(address, prefix, family)
  return list
}

const LOOPBACK = ranges(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6'])
const PRIVATE = ranges(
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
)
const NEVER = ranges(
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['::', 128, 'ipv6'],
  // Metadata services of clouds that do not stand on link-local addresses: AWS, Alibaba, Azure's wire server.
  ['fd00:ec2::254', 128, 'ipv6'],
  ['100.100.100.200', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  // Teredo and the local NAT64 prefix hide an IPv4 address in ways that no cluster needs.
  ['2001::', 32, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
)

/** The 8 groups of an IPv6 address. */
function groups(address: string): number[] {
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? []
  const part = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)]
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
          return [(a << 8) | b, (c << 8) | d]
        })
  const left = part(head)
  const right = tail === undefined ? [] : part(tail)
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')

/**
 * The IPv4 address inside an IPv6 one: IPv4-mapped and -compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056). Each reaches
 * the IPv4 address, so each is judged by it.
 */
function embedded(address: string): string | undefined {
  const g = groups(address)
  const [a = 0, b = 0, c = 0] = g
  if (a === 0x2002) return dotted(b, c)
  const zeros = g.slice(0, 5).every((group) => group === 0)
  if (zeros && (g[5] === 0xffff || (g[5] === 0 && (g[6] ?? 0) !== 0))) return dotted(g[6] ?? 0, g[7] ?? 0)
  if (a === 0x64 && b === 0xff9b) return dotted(g[6] ?? 0, g[7] ?? 0)
  return undefined
}

/** Why an address may not be dialled; undefined when it may. */
export function deniedAddress(address: string, policy: DestinationPolicy): string | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  if (version === 6) {
    const inner = embedded(address)
    if (inner !== undefined) return deniedAddress(inner, policy)
  }
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const plain = address.split('%')[0] ?? address
  if (LOOPBACK.check(plain, family)) return policy.loopback ? undefined : `${address} is a loopback address`
  if (NEVER.check(plain, family)) return `${address} is a link-local, multicast or unspecified address`
  if (PRIVATE.check(plain, family)) return policy.private ? undefined : `${address} is a private address`
  return undefined
}
