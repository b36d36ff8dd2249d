import { bool, int, int32, int64, list, map, obj, str, time } from './json-schema.ts'
import { conditions } from './condition.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'
import type { JsonSchema } from './json-schema.ts'
import { oldAlloy, relabel, telemetryTargets } from './telemetry.ts'
import { vlanRange } from './vlan-namespace.ts'

function strings(...names: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(names.map((name) => [name, str()]))
}

const account = { authorizedKeys: list(str(), 'SSH keys.'), password: str('Password hash. Secret.') }
const metrics = { metrics: bool('Collect metrics.'), metricsInterval: int('Seconds between two readings.'), metricsRelabel: relabel }
const unix = { ...metrics, metricsCollectors: list(str(), 'What is read.') }

const control = obj(
  {
    controlVIP: str(),
    managementSubnet: str(),
    managementSubnetAnyDevice: bool(),
    managementSubnetStatic: map(str()),
    dummySubnet: str(),
    kubeClusterDNS: str(),
    kubeClusterSubnet: str(),
    kubeServiceSubnet: str(),
    defaultUser: obj(account, 'Account on the nodes. Secret.'),
    joinToken: str('Lets nodes join. Secret.'),
    noPassAuth: bool(),
    ntpServers: list(str()),
    tlsSAN: list(str()),
    observability: obj({ kubeEvents: bool(), kubePodLogs: bool() }),
  },
  'Control node.',
)

const fabric = obj(
  {
    mode: str('spine-leaf or mesh.'),
    ...strings(
      'baseVPCCommunity',
      'eslagESIPrefix',
      'eslagMACBase',
      'fabricSubnet',
      'managementDHCPEnd',
      'managementDHCPStart',
      'mclagSessionSubnet',
      'protocolSubnet',
      'proxyExternalSubnet',
      'vpcWorkaroundSubnet',
      'vtepSubnet',
    ),
    disableBFD: bool(),
    excludeNOSInstallers: bool(),
    includeBCM: bool(),
    includeCLSP: bool(),
    includeCumulus: bool(),
    includeONIE: bool(),
    loopbackWorkaroundDisable: bool(),
    leafASNStart: int32(),
    leafASNEnd: int32(),
    spineASN: int32(),
    vpcIRBVLANs: list(vlanRange),
    vpcWorkaroundVLANs: list(vlanRange),
    th5WorkaroundVLANs: list(vlanRange),
    defaultSwitchUsers: map(obj({ ...account, role: str() }), 'Accounts on the switches. Secret.'),
    defaultAlloyConfig: oldAlloy,
    observability: obj({ agent: obj({ logs: bool(), ...metrics }), unix: obj({ ...unix, syslog: bool() }) }),
  },
  'Fabric.',
)

const gateway = obj(
  {
    enable: bool(),
    asn: int32(),
    mac: str(),
    communities: map(str()),
    observability: obj({ dataplane: obj(metrics), frr: obj(metrics), unix: obj(unix) }),
  },
  'Gateways.',
)

const registry = obj(
  {
    mode: str('airgap or upstream.'),
    upstream: obj(
      { repo: str(), prefix: str(), noTLSVerify: bool(), username: str('User name. Secret.'), password: str('Password. Secret.') },
      'Where software comes from.',
    ),
  },
  'Software registry.',
)

const versions = obj(
  {
    fabric: obj({ ...strings('agent', 'api', 'boot', 'controller', 'ctl', 'dhcpd'), nos: map(str()), onie: map(str()) }),
    fabricator: obj(strings('api', 'controlISORoot', 'controller', 'ctl', 'flatcar', 'nodeConfig', 'pause')),
    gateway: obj(strings('agent', 'api', 'controller', 'dataplane', 'frr')),
    platform: obj(
      strings(
        'alloy',
        'bashCompletion',
        'certManager',
        'controlProxy',
        'controlProxyChart',
        'hostBGPContainer',
        'k3s',
        'k9s',
        'ntp',
        'ntpChart',
        'reloader',
        'reloaderChart',
        'toolbox',
        'zot',
        'zotChart',
      ),
    ),
    vlab: obj(strings('flatcar', 'onie')),
  },
  'Versions by component.',
)

const components = obj(
  {
    ...strings(
      'certManagerCtrl',
      'certManagerWebhook',
      'controlAlloy',
      'controlProxy',
      'fabricAPI',
      'fabricBoot',
      'fabricCtrl',
      'fabricDHCP',
      'fabricatorAPI',
      'fabricatorCtrl',
      'fabricatorNodeConfig',
      'gatewayAlloy',
      'ntp',
      'reloader',
      'zot',
    ),
    gatewayDataplane: map(str()),
    gatewayFRR: map(str()),
  },
  'Health by component.',
)

const management = obj({ interface: str(), ip: str() }, 'Management network.')
const nodeFields = { bootstrap: obj({ disk: str() }), dummy: obj({ ip: str() }), management }

/** The CRD of Fabricator. */
export const FABRICATOR_CRD = customResourceDefinition({
  kind: 'Fabricator',
  description: 'The installation: settings and health.',
  spec: obj(
    {
      config: obj(
        {
          control,
          fabric,
          gateway,
          registry,
          observability: obj({ defaults: str(), labels: map(str()), targets: telemetryTargets }, 'Telemetry.'),
        },
        'Settings.',
      ),
      overrides: obj({ versions }, 'Versions other than those of the release.'),
    },
    'Settings.',
  ),
  status: obj(
    {
      release: str('Installed release.'),
      releaseChannel: str(),
      versions,
      components,
      conditions,
      isBootstrap: bool(),
      isInstall: bool(),
      lastAppliedController: str(),
      lastAppliedGen: int64(),
      lastAppliedTime: time(),
      lastAttemptGen: int64(),
      lastAttemptTime: time(),
      lastStatusCheck: time(),
    },
    'Health.',
    { required: ['conditions'] },
  ),
})

/** The CRD of ControlNode. */
export const CONTROL_NODE_CRD = customResourceDefinition({
  kind: 'ControlNode',
  description: 'The node that runs the control plane.',
  spec: obj(
    { ...nodeFields, external: obj({ interface: str(), ip: str(), gateway: str(), dns: list(str()) }, 'Network of the site.') },
    'The node.',
  ),
})

/** The CRD of FabNode. */
export const FAB_NODE_CRD = customResourceDefinition({
  kind: 'FabNode',
  description: 'A further node, for gateways or telemetry.',
  spec: obj({ ...nodeFields, roles: list(str(), 'What it does.') }, 'The node.', { required: ['roles'] }),
})
