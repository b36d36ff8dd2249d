import { bool, int, int32, int64, list, map, marker, obj, oneOf, str } from './json-schema.ts'
import { catalogSpec } from './catalog.ts'
import { connectionSpec } from './connection.ts'
import { externalAttachmentSpec } from './external-attachment.ts'
import { externalPeeringSpec } from './external-peering.ts'
import { externalSpec } from './external.ts'
import { ipv4NamespaceSpec } from './ipv4-namespace.ts'
import { SWITCH_ROLES, switchSpec } from './switch.ts'
import { switchProfileSpec } from './switch-profile.ts'
import { oldAlloy, relabel, telemetryTargets } from './telemetry.ts'
import { vlanNamespaceSpec } from './vlan-namespace.ts'
import { vpcAttachmentFields } from './vpc-attachment.ts'
import { vpcPeeringSpec } from './vpc-peering.ts'
import { vpcSpec } from './vpc.ts'

/** Generations of other objects that the controller looked at. */
export const statusUpdates = list(
  obj({ apiVersion: str(), kind: str(), namespace: str(), name: str(), generation: int64() }),
  'Objects this configuration was made from.',
)

const telemetry = obj(
  {
    autoHostname: bool(),
    hostname: str(),
    proxyURL: str('Proxy on the control node.'),
    kube: obj({ events: bool(), podLogs: bool() }),
    logFiles: map(obj({ pathTargets: list(obj({ path: str(), pathExclude: str() })) }), 'Log files by name.'),
    pyroscope: obj({ address: str(), enable: bool(), port: int() }),
    scrapes: map(
      obj({
        address: str(),
        intervalSeconds: int(),
        relabel,
        self: obj({ enable: bool() }),
        unix: obj({ collectors: list(str()), enable: bool() }),
      }),
      'Metrics that are read, by name.',
    ),
    targets: telemetryTargets,
  },
  'Telemetry.',
)

const config = obj(
  {
    alloy: telemetry,
    baseVPCCommunity: str(),
    controlVIP: str('Address of the control node.'),
    defaultMaxPathsEBGP: int32(),
    deploymentID: str('Tells fabrics apart that see each other.'),
    disableBFD: bool(),
    eslagESIPrefix: str(),
    eslagMACBase: str(),
    fabricMTU: int(),
    fabricSubnet: str(),
    gatewayASN: int32(),
    gatewayBFD: bool(),
    gatewayCommunities: map(str()),
    loopbackWorkaround: bool(),
    mclagSessionSubnet: str(),
    protocolSubnet: str(),
    proxyExternalSubnet: str(),
    serverFacingMTUOffset: int(),
    spineASN: int32(),
    spineLeaf: marker('Set when the fabric has spines.'),
    vpcLoopbackSubnet: str(),
    vpcPeeringDisabled: bool(),
    vtepSubnet: str(),
  },
  'Settings of the fabric.',
)

/** What one switch is told to do. Holds credentials under users, version and both alloy keys. */
export const agentSpec = obj(
  {
    role: oneOf(SWITCH_ROLES, 'Place in the fabric.'),
    description: str('Free text.'),
    switch: switchSpec,
    switchProfile: switchProfileSpec,
    switches: map(switchSpec, 'Other switches it must know.'),
    redundancyGroupPeers: list(str(), 'Partners.'),
    connections: map(connectionSpec, 'Connections that touch it.'),
    vpcs: map(vpcSpec, 'VPCs it carries.'),
    attachedVPCs: map(bool(), 'VPCs attached here.'),
    configuredVPCSubnets: map(bool(), 'VPC subnets present here.'),
    vpcAttachments: map(obj({ ...vpcAttachmentFields, annotations: map(str()) }), 'VPCAttachments that touch it.'),
    vpcPeers: map(vpcPeeringSpec, 'VPCPeerings it carries.'),
    ipv4Namespaces: map(ipv4NamespaceSpec, 'IPv4Namespaces it needs.'),
    vlanNamespaces: map(vlanNamespaceSpec, 'VLANNamespaces it needs.'),
    externals: map(externalSpec, 'Externals it carries.'),
    externalAttachments: map(externalAttachmentSpec, 'ExternalAttachments that touch it.'),
    externalPeerings: map(externalPeeringSpec, 'ExternalPeerings it carries.'),
    catalog: catalogSpec,
    config,
    alloy: oldAlloy,
    users: list(
      obj({ name: str(), password: str('Password hash. Secret.'), role: str(), sshKeys: list(str()) }),
      'Accounts on the switch. Secret.',
    ),
    version: obj(
      {
        alloyRepo: str(),
        alloyVersion: str(),
        ca: str(),
        default: str(),
        override: str(),
        repo: str(),
        username: str('Registry user. Secret.'),
        password: str('Registry password. Secret.'),
      },
      'Where the agent gets its software. Secret.',
    ),
    statusUpdates,
    reboot: str('Reboot when this differs from the boot id.'),
    powerReset: str('Power cycle when this differs from the boot id.'),
    reinstall: str('Reinstall when this differs from the install id.'),
  },
  'What the switch is told to do.',
  { 'x-kubernetes-map-type': 'atomic' },
)
