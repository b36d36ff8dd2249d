/** IPv4 addresses are unsigned 32 bit numbers here; text is the dotted form. */

/** A network: first and last address, and the address that was written (`10.0.0.5/24` keeps the 5). */
export interface Cidr {
  readonly address: number
  readonly length: number
  /** Network address. */
  readonly first: number
  /** Broadcast address, or the second one of a /31, or the only one of a /32. */
  readonly last: number
}

/** An address from its dotted form. `undefined` for anything else, leading zeros included, as Go reads it. */
export function parseAddress(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = address * 256 + Number(part)
  }
  return address
}

/** The dotted form of an address. Numbers outside of 32 bits wrap around. */
export function formatAddress(address: number): string {
  const bits = address >>> 0
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.')
}

/** A network from `address/length`; `undefined` for anything else. */
export function parseCidr(text: unknown): Cidr | undefined {
  if (typeof text !== 'string') return undefined
  const slash = text.indexOf('/')
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (address === undefined || !/^(?:0|[1-9]\d?)$/.test(digits)) return undefined
  const length = Number(digits)
  if (length > 32) return undefined
  const size = 2 ** (32 - length)
  const first = address - (address % size)
  return { address, length, first, last: first + size - 1 }
}

/** `first/length`: the network without host bits. */
export function formatNetwork(cidr: Cidr): string {
  return `${formatAddress(cidr.first)}/${cidr.length}`
}

/** Whether an address lies in a network. */
export function containsAddress(cidr: Cidr, address: number): boolean {
  return address >= cidr.first && address <= cidr.last
}

/** Whether all of `inner` lies in `outer`. */
export function containsNetwork(outer: Cidr, inner: Cidr): boolean {
  return inner.first >= outer.first && inner.last <= outer.last
}

/** Whether two networks share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.first <= other.last && other.first <= one.last
}
