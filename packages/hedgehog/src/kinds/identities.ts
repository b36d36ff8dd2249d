/** Where a kind belongs: cables and devices, tenant networks, live state, gateways, the installation. */
export type Layer = 'wiring' | 'vpc' | 'live' | 'gateway' | 'install'

/** The names of a kind, without anything that is computed from documents. */
export interface KindIdentity {
  readonly kind: string
  readonly group: string
  /** The version that current releases serve. What a cluster really serves is discovered, never assumed. */
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** True for the 12 kinds that every fabric must serve: one that is not watched is a loud state. */
  readonly expected: boolean
  readonly title: string
  readonly titlePlural: string
  /** Word in console URLs. */
  readonly slug: string
  readonly layer: Layer
}

const VPC = 'vpc.githedgehog.com'
const WIRING = 'wiring.githedgehog.com'
const AGENT = 'agent.githedgehog.com'
const DHCP = 'dhcp.githedgehog.com'
const GATEWAY = 'gateway.githedgehog.com'
const GATEWAY_INTERNAL = 'gwint.githedgehog.com'
const FABRICATOR = 'fabricator.githedgehog.com'

const FABRIC = ['hedgehog', 'fabric']
const EXTERNAL = ['hedgehog', 'fabric', 'external']
const CABLING = ['hedgehog', 'wiring', 'fabric']
const GATEWAYS = ['hedgehog', 'hedgehog-gateway']
const INSTALL = ['hedgehog', 'fabricator']

type Given = Omit<KindIdentity, 'namespaced' | 'singular' | 'shortNames'> & { readonly shortNames?: readonly string[] }

function identity(given: Given): KindIdentity {
  return { ...given, namespaced: true, singular: given.kind.toLowerCase(), shortNames: given.shortNames ?? [] }
}

function group(name: string, version: string, layer: Layer, categories: readonly string[], expected: boolean) {
  return { group: name, version, layer, categories, expected }
}

/** The 12 expected kinds first, in the order in which their objects can be created; then the optional ones. */
export const IDENTITIES: readonly KindIdentity[] = [
  identity({
    ...group(VPC, 'v1beta1', 'vpc', FABRIC, true),
    kind: 'IPv4Namespace',
    plural: 'ipv4namespaces',
    shortNames: ['ipns'],
    title: 'IPv4 namespace',
    titlePlural: 'IPv4 namespaces',
    slug: 'ipv4-namespaces',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, true),
    kind: 'VLANNamespace',
    plural: 'vlannamespaces',
    shortNames: ['vlanns'],
    title: 'VLAN namespace',
    titlePlural: 'VLAN namespaces',
    slug: 'vlan-namespaces',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, true),
    kind: 'SwitchGroup',
    plural: 'switchgroups',
    shortNames: ['sg'],
    title: 'Switch group',
    titlePlural: 'Switch groups',
    slug: 'switch-groups',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, true),
    kind: 'Switch',
    plural: 'switches',
    shortNames: ['sw'],
    title: 'Switch',
    titlePlural: 'Switches',
    slug: 'switches',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, true),
    kind: 'Server',
    plural: 'servers',
    shortNames: ['srv'],
    title: 'Server',
    titlePlural: 'Servers',
    slug: 'servers',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, true),
    kind: 'Connection',
    plural: 'connections',
    shortNames: ['conn'],
    title: 'Connection',
    titlePlural: 'Connections',
    slug: 'connections',
  }),
  identity({ ...group(VPC, 'v1beta1', 'vpc', FABRIC, true), kind: 'VPC', plural: 'vpcs', title: 'VPC', titlePlural: 'VPCs', slug: 'vpcs' }),
  identity({
    ...group(VPC, 'v1beta1', 'vpc', EXTERNAL, true),
    kind: 'External',
    plural: 'externals',
    shortNames: ['ext'],
    title: 'External',
    titlePlural: 'Externals',
    slug: 'externals',
  }),
  identity({
    ...group(VPC, 'v1beta1', 'vpc', FABRIC, true),
    kind: 'VPCAttachment',
    plural: 'vpcattachments',
    shortNames: ['vpcattach'],
    title: 'VPC attachment',
    titlePlural: 'VPC attachments',
    slug: 'vpc-attachments',
  }),
  identity({
    ...group(VPC, 'v1beta1', 'vpc', EXTERNAL, true),
    kind: 'ExternalAttachment',
    plural: 'externalattachments',
    shortNames: ['extattach'],
    title: 'External attachment',
    titlePlural: 'External attachments',
    slug: 'external-attachments',
  }),
  identity({
    ...group(VPC, 'v1beta1', 'vpc', FABRIC, true),
    kind: 'VPCPeering',
    plural: 'vpcpeerings',
    shortNames: ['vpcpeer'],
    title: 'VPC peering',
    titlePlural: 'VPC peerings',
    slug: 'vpc-peerings',
  }),
  identity({
    ...group(VPC, 'v1beta1', 'vpc', EXTERNAL, true),
    kind: 'ExternalPeering',
    plural: 'externalpeerings',
    shortNames: ['extpeering', 'extpeer'],
    title: 'External peering',
    titlePlural: 'External peerings',
    slug: 'external-peerings',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, false),
    kind: 'SwitchProfile',
    plural: 'switchprofiles',
    shortNames: ['sp'],
    title: 'Switch profile',
    titlePlural: 'Switch profiles',
    slug: 'switch-profiles',
  }),
  identity({
    ...group(WIRING, 'v1beta1', 'wiring', CABLING, false),
    kind: 'ServerProfile',
    plural: 'serverprofiles',
    title: 'Server profile',
    titlePlural: 'Server profiles',
    slug: 'server-profiles',
  }),
  identity({
    ...group(AGENT, 'v1beta1', 'live', ['hedgehog'], false),
    kind: 'Agent',
    plural: 'agents',
    shortNames: ['ag'],
    title: 'Switch agent',
    titlePlural: 'Switch agents',
    slug: 'switch-agents',
  }),
  identity({
    ...group(AGENT, 'v1beta1', 'live', ['hedgehog'], false),
    kind: 'Catalog',
    plural: 'catalogs',
    title: 'Catalog',
    titlePlural: 'Catalogs',
    slug: 'catalogs',
  }),
  identity({
    ...group(DHCP, 'v1beta1', 'live', ['hedgehog'], false),
    kind: 'DHCPSubnet',
    plural: 'dhcpsubnets',
    shortNames: ['dhcp'],
    title: 'DHCP subnet',
    titlePlural: 'DHCP subnets',
    slug: 'dhcp-subnets',
  }),
  identity({
    ...group(GATEWAY, 'v1alpha1', 'gateway', GATEWAYS, false),
    kind: 'GatewayGroup',
    plural: 'gatewaygroups',
    shortNames: ['gwgr'],
    title: 'Gateway group',
    titlePlural: 'Gateway groups',
    slug: 'gateway-groups',
  }),
  identity({
    ...group(GATEWAY, 'v1alpha1', 'gateway', GATEWAYS, false),
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gw'],
    title: 'Gateway',
    titlePlural: 'Gateways',
    slug: 'gateways',
  }),
  identity({
    ...group(GATEWAY, 'v1alpha1', 'gateway', GATEWAYS, false),
    kind: 'GatewayPeering',
    plural: 'gatewaypeerings',
    shortNames: ['gwpeer'],
    title: 'Gateway peering',
    titlePlural: 'Gateway peerings',
    slug: 'gateway-peerings',
  }),
  identity({
    ...group(GATEWAY, 'v1alpha1', 'gateway', GATEWAYS, false),
    kind: 'VPCInfo',
    plural: 'vpcinfos',
    shortNames: ['gwvpc'],
    title: 'VPC info',
    titlePlural: 'VPC infos',
    slug: 'vpc-infos',
  }),
  identity({
    ...group(GATEWAY_INTERNAL, 'v1alpha1', 'gateway', GATEWAYS, false),
    kind: 'GatewayAgent',
    plural: 'gatewayagents',
    shortNames: ['gwag'],
    title: 'Gateway agent',
    titlePlural: 'Gateway agents',
    slug: 'gateway-agents',
  }),
  identity({
    ...group(FABRICATOR, 'v1beta1', 'install', INSTALL, false),
    kind: 'Fabricator',
    plural: 'fabricators',
    shortNames: ['fab'],
    title: 'Fabricator',
    titlePlural: 'Fabricators',
    slug: 'fabricators',
  }),
  identity({
    ...group(FABRICATOR, 'v1beta1', 'install', [], false),
    kind: 'ControlNode',
    plural: 'controlnodes',
    title: 'Control node',
    titlePlural: 'Control nodes',
    slug: 'control-nodes',
  }),
  identity({
    ...group(FABRICATOR, 'v1beta1', 'install', INSTALL, false),
    kind: 'FabNode',
    plural: 'fabnodes',
    shortNames: ['fn'],
    title: 'Fabric node',
    titlePlural: 'Fabric nodes',
    slug: 'fabric-nodes',
  }),
]
