import { formatAddress, parseAddress } from '@binnacle/hedgehog'

/**
 * Where a fabric of the lab takes its numbers from. Sites differ in the second octet, so that two fabrics share nothing:
 * infrastructure in 10.200.0.0 and up, tenants in 10.40.0.0 and up.
 */
export interface AddressPlan {
  /** Management address of a switch, as CIDR. */
  management(index: number): string
  /** BGP loopback of a switch, as /32. */
  protocol(index: number): string
  /** Tunnel address of a leaf, as /32. */
  vtep(index: number): string
  /** Both ends of the n-th link, one /31. */
  link(index: number): { readonly first: string; readonly second: string }
  /** Everything VPCs are taken from. */
  readonly tenants: string
  /** The n-th /24 of the tenants' space. */
  tenant(index: number): string
  readonly managementNetwork: string
  readonly protocolNetwork: string
  readonly vtepNetwork: string
  readonly linkNetwork: string
  /** Address of the control node. */
  readonly control: string
}

/** AS number that all spines share, and the one before the first leaf's: the factory values of the product. */
export const SPINE_ASN = 65_100

/** The plan of a site; sites are 0 to 15. */
export function addressPlan(site: number): AddressPlan {
  if (!Number.isInteger(site) || site < 0 || site > 15) throw new RangeError(`site ${site} is not one of 0 to 15`)
  const infrastructure = parseAddress(`10.${200 + site}.0.0`) ?? 0
  const at = (offset: number): string => formatAddress(infrastructure + offset)
  const within = (index: number, size: number): number => {
    if (index >= size) throw new RangeError(`the address plan has no room for number ${index}`)
    return index
  }
  return {
    management: (index) => `${at(10 + within(index, 2_000))}/21`,
    protocol: (index) => `${at(8 * 256 + 2 + within(index, 1_000))}/32`,
    vtep: (index) => `${at(12 * 256 + 2 + within(index, 1_000))}/32`,
    link: (index) => {
      const first = 128 * 256 + 2 * within(index, 16_000)
      return { first: `${at(first)}/31`, second: `${at(first + 1)}/31` }
    },
    tenants: `10.${40 + site}.0.0/16`,
    tenant: (index) => `10.${40 + site}.${within(index, 256)}.0/24`,
    managementNetwork: `${at(0)}/21`,
    protocolNetwork: `${at(8 * 256)}/22`,
    vtepNetwork: `${at(12 * 256)}/22`,
    linkNetwork: `${at(128 * 256)}/17`,
    control: at(1),
  }
}
