import { EXPECTED_KINDS, kindId } from '../kinds/registry.ts'

/** What of a kind may pass the watch boundary, besides apiVersion, kind and metadata. */
export interface BoundaryRule {
  /** Paths that are kept with all below them, or `all`: spec and status as they are. */
  readonly keep: readonly (readonly string[])[] | 'all'
  /** Why this much and no more. */
  readonly because: string
}

const STATUS = ['status'] as const
const spec = (...names: readonly string[]) => names.map((name) => ['spec', ...name.split('.')])

const NO_SECRETS = 'user-written; its schema holds no credentials'

/**
 * The allow-list, by kind id. A kind that is not listed is one that a configuration added: of it, fields named
 * like credentials are cut. Allow-lists do not age: a field that a later release adds stays out until someone
 * has looked at it. The 12 expected kinds are `all` because people edit and compare them whole.
 */
export const BOUNDARY: Readonly<Record<string, BoundaryRule>> = {
  ...Object.fromEntries(
    EXPECTED_KINDS.map((kind) => [kindId(kind.kind, kind.group), { keep: 'all', because: NO_SECRETS } satisfies BoundaryRule]),
  ),
  'SwitchProfile.wiring.githedgehog.com': { keep: 'all', because: 'ports and features of a model' },
  'ServerProfile.wiring.githedgehog.com': { keep: 'all', because: 'network cards of a model' },
  'Agent.agent.githedgehog.com': {
    keep: [...spec('role', 'description', 'switch.profile'), STATUS],
    because: 'the spec repeats other objects and holds password hashes, SSH keys, registry and telemetry credentials',
  },
  'Catalog.agent.githedgehog.com': {
    keep: spec(
      'connectionIDs',
      'portChannelIDs',
      'loopbackWorkaroundLinks',
      'loopbackWorkaroundVLANs',
      'th5WorkaroundVLANs',
      'externalIDs',
      'irbVLANs',
      'staticExternalSubnetOffsets',
      'subnetIDs',
      'vpcInfoIDs',
      'vpcSubnetVNIs',
      'vpcVNIs',
    ),
    because: 'numbers that were handed out',
  },
  'DHCPSubnet.dhcp.githedgehog.com': {
    keep: [
      ...spec(
        'subnet',
        'cidrBlock',
        'gateway',
        'startIP',
        'endIP',
        'vrf',
        'circuitID',
        'dnsServers',
        'timeServers',
        'interfaceMTU',
        'leaseTimeSeconds',
        'disableDefaultRoute',
        'advertisedRoutes',
        'static',
        'l3Mode',
        'onieOnly',
      ),
      STATUS,
    ],
    because: 'the boot addresses (pxeURL, defaultURL, ztpBaseURL) may carry credentials and nobody here needs them',
  },
  'Gateway.gateway.githedgehog.com': {
    keep: spec(
      'asn',
      'groups',
      'interfaces',
      'neighbors',
      'protocolIP',
      'vtepIP',
      'vtepMAC',
      'vtepMTU',
      'workers',
      'flowTableCapacity',
      'logs',
      'profiling',
    ),
    because: NO_SECRETS,
  },
  'GatewayGroup.gateway.githedgehog.com': { keep: spec(), because: 'only its name means something' },
  'GatewayPeering.gateway.githedgehog.com': { keep: spec('gatewayGroup', 'peering', 'acl'), because: NO_SECRETS },
  'VPCInfo.gateway.githedgehog.com': {
    keep: [...spec('vni', 'subnets'), ['status', 'internalID']],
    because: 'numbers that were handed out',
  },
  'GatewayAgent.gwint.githedgehog.com': {
    keep: [...spec('agentVersion', 'gateway.protocolIP', 'gateway.vtepIP', 'gateway.asn'), STATUS],
    because: 'the spec repeats other objects',
  },
  'Fabricator.fabricator.githedgehog.com': {
    keep: [
      ...spec(
        'config.control.controlVIP',
        'config.control.managementSubnet',
        'config.fabric.mode',
        'config.fabric.fabricSubnet',
        'config.fabric.protocolSubnet',
        'config.fabric.vtepSubnet',
        'config.fabric.leafASNStart',
        'config.fabric.leafASNEnd',
        'config.fabric.spineASN',
        'config.fabric.vpcIRBVLANs',
        'config.fabric.vpcWorkaroundVLANs',
        'config.fabric.th5WorkaroundVLANs',
        'config.gateway.enable',
        'config.gateway.asn',
        'config.registry.mode',
      ),
      STATUS,
    ],
    because: 'the spec holds the join token, password hashes, SSH keys, registry and telemetry credentials; rules need its ranges',
  },
  'ControlNode.fabricator.githedgehog.com': {
    keep: spec('management', 'external.interface', 'external.ip'),
    because: 'addresses of the node',
  },
  'FabNode.fabricator.githedgehog.com': { keep: spec('roles', 'management'), because: 'place and address of the node' },
}
