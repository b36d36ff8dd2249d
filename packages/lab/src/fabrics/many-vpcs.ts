import { formatAddress, parseAddress } from '@binnacle/hedgehog'
import type { JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import { labObject } from './lab-object.ts'

/** VPCs whose VLANs fit into one VLANNamespace: 3 each of 4,094. */
const PER_NAMESPACE = 1_364
/** Addresses of one VPC: 4 networks of 16. */
const PER_VPC = 64
/** 10.0.0.0/8 has room for this many. */
const MOST = 2 ** 24 / PER_VPC
/** Size in bytes as JSON of a usual VPC with three subnets and DHCP. */
const USUAL_BYTES = 1_800
/** Annotation that brings a VPC to its size. */
const FILLER = 'lab.binnacle/filler'

const namespaceOf = (index: number): string => `bench-${Math.floor(index / PER_NAMESPACE)}`

/** The namespaces that {@link manyVpcs} refers to. */
export function manyVpcsNamespaces(count: number): KubeObject[] {
  const vlans = Math.ceil(count / PER_NAMESPACE)
  return [
    labObject('IPv4Namespace', 'bench', { subnets: ['10.0.0.0/8'] }),
    ...Array.from({ length: vlans }, (_, number) => labObject('VLANNamespace', `bench-${number}`, { ranges: [{ from: 1, to: 4_094 }] })),
  ]
}

/** The n-th of {@link manyVpcs}. */
export function oneOfManyVpcs(index: number, bytes = USUAL_BYTES): KubeObject {
  if (index >= MOST) throw new RangeError(`there is address space for ${MOST} VPCs only`)
  const base = (parseAddress('10.0.0.0') ?? 0) + index * PER_VPC
  const subnets: JsonObject = {}
  for (const [number, name] of ['front', 'middle', 'data'].entries()) {
    const first = base + number * 16
    const address = (offset: number): string => formatAddress(first + offset)
    subnets[name] = {
      subnet: `${address(0)}/28`,
      gateway: address(1),
      vlan: (index % PER_NAMESPACE) * 3 + number + 1,
      dhcp: {
        enable: true,
        range: { start: address(4), end: address(14) },
        options: { dnsServers: [address(2)], timeServers: [address(3)], interfaceMTU: 9_036, leaseTimeSeconds: 3_600 },
      },
    }
  }
  const name = `b${String(index).padStart(6, '0')}`
  const spec = { ipv4Namespace: 'bench', vlanNamespace: namespaceOf(index), subnets }
  const bare = labObject('VPC', name, spec, { annotations: { [FILLER]: '' } })
  const missing = bytes - JSON.stringify(bare).length
  return missing <= 0 ? labObject('VPC', name, spec) : labObject('VPC', name, spec, { annotations: { [FILLER]: 'x'.repeat(missing) } })
}

/** `count` valid VPCs of about `bytes` JSON bytes each (at least some 1.2 kB), for measurements. */
export function* manyVpcs(count: number, bytes = USUAL_BYTES): Generator<KubeObject> {
  for (let index = 0; index < count; index += 1) yield oneOfManyVpcs(index, bytes)
}
