import { text, type JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { FabricIndex } from './fabric-index.ts'
import { labObject, nameOfObject, specOf } from './lab-object.ts'

/** What the controller tells the DHCP server: one DHCPSubnet for every VPC subnet with DHCP. Without leases. */
export function dhcpSubnets(index: FabricIndex): KubeObject[] {
  return index.all('VPC').flatMap((vpc) =>
    Object.entries((specOf(vpc)['subnets'] ?? {}) as JsonObject).flatMap(([name, given]) => {
      const subnet = given as JsonObject
      const dhcp = (subnet['dhcp'] ?? {}) as JsonObject
      if (dhcp['enable'] !== true) return []
      const range = (dhcp['range'] ?? {}) as JsonObject
      const options = (dhcp['options'] ?? {}) as JsonObject
      return [
        labObject('DHCPSubnet', `${nameOfObject(vpc)}--${name}`, {
          subnet: `${nameOfObject(vpc)}/${name}`,
          cidrBlock: subnet['subnet'],
          gateway: subnet['gateway'],
          startIP: range['start'],
          endIP: range['end'],
          vrf: `VrfV${nameOfObject(vpc)}`,
          circuitID: `Vlan${Number(subnet['vlan'])}`,
          pxeURL: '',
          dnsServers: options['dnsServers'] ?? [],
          timeServers: options['timeServers'] ?? [],
          interfaceMTU: options['interfaceMTU'] ?? 9_036,
          leaseTimeSeconds: options['leaseTimeSeconds'] ?? 3_600,
          defaultURL: '',
        }),
      ]
    }),
  )
}

/** The n-th lease of a subnet: a MAC address of the locally administered range, and what the DHCP server says of it. */
export function lease(subnet: KubeObject, number: number, now: number): { readonly mac: string; readonly entry: JsonObject } {
  const start = text(specOf(subnet)['startIP'] ?? '10.0.0.2')
  const dot = start.lastIndexOf('.')
  const host = Math.min(250, Number(start.slice(dot + 1)) + number)
  const seconds = Number(specOf(subnet)['leaseTimeSeconds'] ?? 3_600)
  // The address space and the place in it make the address unique: 02 marks it as nobody's vendor.
  const [, second = '0', third = '0'] = start.split('.')
  const mac = ['02', '1a', Number(second), Number(third), host, number]
    .map((part) => (typeof part === 'string' ? part : hex(part)))
    .join(':')
  return {
    mac,
    entry: {
      ip: `${start.slice(0, dot)}.${host}`,
      hostname: `host-${third}-${host}`,
      expiry: `${new Date(now + seconds * 1_000).toISOString().slice(0, 19)}Z`,
    },
  }
}

const hex = (byte: number): string => (byte & 255).toString(16).padStart(2, '0')
