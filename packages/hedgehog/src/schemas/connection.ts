import { bool, int, list, obj, str } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ADDRESS = `(${OCTET}\\.){3}${OCTET}`
const cidrPattern = `^${ADDRESS}/([12]?[0-9]|3[0-2])$`
const addressPattern = `^${ADDRESS}$`

const end = obj({ port: str('Port as device/port.') })
const routedEnd = obj({
  port: str('Port as device/port.'),
  ip: str('Link address as CIDR, both ends in one /31.', { pattern: cidrPattern }),
})
const mtu = int('MTU of the server ports.')
const fallback = bool('Bring up a single link without LACP, for network boot.')

function links(ends: Readonly<Record<string, JsonSchema>>, minItems?: number): JsonSchema {
  return list(obj(ends), 'The cables.', minItems === undefined ? {} : { minItems })
}

const toServer = { server: end, switch: end }
const pair = { switch1: end, switch2: end }

/** Spec of a Connection: a union, exactly one key is set. */
export const connectionSpec = obj(
  {
    unbundled: obj({ link: obj(toServer, 'The cable.'), mtu }, 'One server port on one switch port.'),
    bundled: obj({ links: links(toServer), mtu, fallback }, 'Several ports of a server on one switch, as one bundle.'),
    eslag: obj({ links: links(toServer, 2), mtu, fallback }, 'A server on several switches of one ESLAG group.'),
    mclag: obj({ links: links(toServer, 2), mtu, fallback }, 'Removed; accepted but without effect.'),
    mclagDomain: obj({ peerLinks: links(pair, 1), sessionLinks: links(pair, 1) }, 'Removed; accepted but without effect.'),
    fabric: obj({ links: links({ spine: routedEnd, leaf: routedEnd }, 1) }, 'A spine and a leaf.'),
    mesh: obj({ links: links({ leaf1: routedEnd, leaf2: routedEnd }, 1) }, 'Two leaves without a spine between them.'),
    gateway: obj({ links: links({ switch: routedEnd, gateway: routedEnd }, 1) }, 'A switch and a gateway node.'),
    vpcLoopback: obj({ links: links(pair, 1) }, 'Two ports of the same switch wired to each other.'),
    external: obj({ link: obj({ switch: end }, 'The cable.') }, 'A switch port that leads out of the fabric.'),
    staticExternal: obj(
      {
        link: obj(
          {
            switch: obj({
              port: str('Port as device/port.'),
              ip: str('Address of the switch port as CIDR.', { pattern: cidrPattern }),
              nextHop: str('Next hop inside that network.', { pattern: addressPattern }),
              subnets: list(str(), 'Networks reached through it.'),
              vlan: int('VLAN towards the next hop; 0 for none.'),
            }),
          },
          'The cable.',
        ),
        withinVPC: str('VPC that the port belongs to; cannot be changed.'),
      },
      'A switch port with static routes. Deprecated.',
    ),
  },
  'Exactly one kind of connection.',
)

/** The CRD of Connection. */
export const CONNECTION_CRD = customResourceDefinition({
  kind: 'Connection',
  description: 'One or more cables between devices.',
  spec: connectionSpec,
})
