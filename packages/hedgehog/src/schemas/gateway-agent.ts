import { bool, int32, int64, list, map, num, obj, oneOf, str, time } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'
import { gatewayPeeringSpec, gatewaySpec } from './gateway.ts'

const prefixes = obj({ received: int32(), receivedPrePolicy: int32(), sent: int32() })
const messages = obj({
  capability: int64(),
  keepalive: int64(),
  notification: int64(),
  open: int64(),
  routeRefresh: int64(),
  update: int64(),
})

const neighbor = obj({
  enabled: bool(),
  sessionState: oneOf(['unset', 'idle', 'connect', 'active', 'open', 'established'], 'Where the session stands.'),
  localAS: int32(),
  peerAS: int32(),
  remoteRouterID: str(),
  connectionsDropped: int64(),
  establishedTransitions: int64(),
  lastResetReason: str(),
  ipv4UnicastPrefixes: prefixes,
  ipv6UnicastPrefixes: prefixes,
  l2VPNEVPNPrefixes: prefixes,
  messages: obj({ received: messages, sent: messages }),
})

const spec = obj(
  {
    agentVersion: str('Version the agent should run.'),
    communities: map(str(), 'BGP communities by priority.'),
    config: obj({ fabricBFD: bool('Fast failure detection towards the fabric.') }, 'Settings of the fabric.'),
    gateway: gatewaySpec,
    groups: map(
      obj({
        members: list(obj({ name: str(), priority: int32(), vtepIP: str() }, undefined, { required: ['name', 'priority', 'vtepIP'] })),
      }),
      'Gateway groups by name.',
    ),
    peerings: map(gatewayPeeringSpec, 'Peerings by name.'),
    vpcs: map(obj({ internalID: str(), vni: int32(), subnets: map(obj({ cidr: str() })) }), 'VPCs by name.'),
  },
  'What the gateway should do.',
  { 'x-kubernetes-map-type': 'atomic' },
)

const status = obj(
  {
    agentVersion: str('Version the agent runs.'),
    lastHeartbeat: time('Last sign of life, by the clock of the gateway.'),
    lastAppliedGen: int64('Generation in force.'),
    lastAppliedTime: time('Since when.'),
    state: obj(
      {
        lastCollectedTime: time('When the counters were read.'),
        bgp: obj({ vrfs: map(obj({ neighbors: map(neighbor, 'By address.') }), 'By routing table.') }, 'BGP sessions.'),
        dataplane: obj({ version: str() }, 'Data plane.'),
        frr: obj({ lastAppliedGen: int64('Generation in force in the routing daemon.') }, 'Routing daemon.'),
        peerings: map(
          obj({
            b: int64('Bytes.'),
            p: int64('Packets.'),
            d: int64('Drops.'),
            bps: num('Bytes per second.'),
            pps: num('Packets per second.'),
          }),
          'Traffic by peering.',
        ),
        vpcs: map(obj({ b: int64('Bytes.'), p: int64('Packets.'), d: int64('Drops.') }), 'Traffic by VPC.'),
      },
      'Live state.',
    ),
  },
  'What the gateway does.',
  { 'x-kubernetes-map-type': 'atomic' },
)

/** The CRD of GatewayAgent. */
export const GATEWAY_AGENT_CRD = customResourceDefinition({
  kind: 'GatewayAgent',
  description: 'Orders for and reports of one gateway.',
  spec,
  status,
})
