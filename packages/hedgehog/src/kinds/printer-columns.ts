/** A column of `kubectl get`. Priority 0 is always shown, above 0 only with `-o wide`. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'date'
  readonly jsonPath: string
  readonly priority?: number
  readonly description?: string
}

function column(name: string, jsonPath: string, type: PrinterColumn['type'] = 'string', priority = 0): PrinterColumn {
  return priority === 0 ? { name, type, jsonPath } : { name, type, jsonPath, priority }
}

const AGE = column('Age', '.metadata.creationTimestamp', 'date')
const label = (name: string) => `.metadata.labels.fabric\\.githedgehog\\.com/${name}`

/**
 * What `kubectl get` shows per kind, as operators know it from a real cluster. That includes columns that
 * are always blank there (VPC VNI, Server Type, VPCPeering Remote): scripts count columns.
 */
export const PRINTER_COLUMNS: Readonly<Record<string, readonly PrinterColumn[]>> = {
  VPC: [
    column('IPv4NS', '.spec.ipv4Namespace'),
    column('VLANNS', '.spec.vlanNamespace'),
    column('Subnets', '.spec.subnets', 'string', 1),
    column('VNI', '.status.vni', 'string', 1),
    AGE,
  ],
  VPCAttachment: [
    column('VPCSUBNET', '.spec.subnet'),
    column('Connection', '.spec.connection'),
    column('NativeVLAN', '.spec.nativeVLAN'),
    AGE,
  ],
  VPCPeering: [column('VPC1', label('vpc1')), column('VPC2', label('vpc2')), column('Remote', '.spec.remote'), AGE],
  External: [
    column('IPv4NS', '.spec.ipv4Namespace'),
    column('InComm', '.spec.inboundCommunity'),
    column('OutComm', '.spec.outboundCommunity'),
    AGE,
  ],
  ExternalAttachment: [
    column('External', '.spec.external'),
    column('Connection', '.spec.connection'),
    column('SwVLAN', '.spec.switch.vlan', 'string', 1),
    column('SwIP', '.spec.switch.ip', 'string', 1),
    column('NeighASN', '.spec.neighbor.asn', 'string', 1),
    column('NeighIP', '.spec.neighbor.ip', 'string', 1),
    AGE,
  ],
  ExternalPeering: [
    column('VPC', '.spec.permit.vpc.name'),
    column('VPCSubnets', '.spec.permit.vpc.subnets', 'string', 1),
    column('External', '.spec.permit.external.name'),
    column('ExtPrefixes', '.spec.permit.external.prefixes', 'string', 1),
    AGE,
  ],
  IPv4Namespace: [column('Subnets', '.spec.subnets'), AGE],
  Connection: [column('Type', label('connection-type')), AGE],
  Server: [column('Type', '.spec.type'), column('Descr', '.spec.description'), AGE],
  Switch: [
    column('Profile', '.spec.profile'),
    column('Role', '.spec.role'),
    column('Descr', '.spec.description'),
    column('Groups', '.spec.groups'),
    column('Redundancy', '.spec.redundancy', 'string', 1),
    column('Boot', '.spec.boot', 'string', 1),
    AGE,
  ],
  SwitchGroup: [AGE],
  VLANNamespace: [AGE],
  SwitchProfile: [
    column('DisplayName', '.spec.displayName'),
    column('OtherNames', '.spec.otherNames'),
    column('Ports', '.metadata.annotations.fabric\\.githedgehog\\.com/ports'),
    AGE,
  ],
  Agent: [
    column('Role', '.spec.role'),
    column('Descr', '.spec.description'),
    column('HWSKU', '.status.state.nos.hwskuVersion', 'string', 1),
    column('Heartbeat', '.status.lastHeartbeat', 'date', 1),
    column('Applied', '.status.lastAppliedTime', 'date'),
    column('AppliedG', '.status.lastAppliedGen', 'integer'),
    column('CurrentG', '.metadata.generation', 'integer'),
    column('Version', '.status.version'),
    column('RebootReq', '.status.rebootRequired'),
    column('Software', '.status.state.nos.softwareVersion', 'string', 1),
    column('Attempt', '.status.lastAttemptTime', 'date', 2),
    column('AttemptG', '.status.lastAttemptGen', 'integer', 2),
    column('RoCE', '.spec.switch.roce', 'boolean', 3),
    column('CurrRoCE', '.status.state.roce', 'boolean', 3),
    column('ECMPQPN', '.spec.switch.ecmp.roceQPN', 'boolean', 3),
    column('Age', '.metadata.creationTimestamp', 'date', 10),
  ],
  DHCPSubnet: [
    column('Subnet', '.spec.subnet'),
    column('CIDRBlock', '.spec.cidrBlock'),
    column('Gateway', '.spec.gateway'),
    column('StartIP', '.spec.startIP'),
    column('EndIP', '.spec.endIP'),
    column('VRF', '.spec.vrf', 'string', 1),
    column('CircuitID', '.spec.circuitID', 'string', 1),
    column('DNSServers', '.spec.dnsServers', 'string', 1),
    column('TimeServers', '.spec.timeServers', 'string', 1),
    column('InterfaceMTU', '.spec.interfaceMTU', 'integer', 1),
    AGE,
  ],
  Gateway: [column('ProtoIP', '.spec.protocolIP'), column('VTEPIP', '.spec.vtepIP'), column('Groups', '.spec.groups', 'string', 1), AGE],
  GatewayPeering: [column('GatewayGroup', '.spec.gatewayGroup'), AGE],
  VPCInfo: [column('InternalID', '.status.internalID'), AGE],
  GatewayAgent: [
    column('Applied', '.status.lastAppliedTime', 'date'),
    column('AppliedG', '.status.lastAppliedGen', 'integer'),
    column('CurrentG', '.metadata.generation', 'integer'),
    column('Version', '.status.agentVersion'),
    column('ProtoIP', '.spec.gateway.protocolIP', 'string', 1),
    column('VTEPIP', '.spec.gateway.vtepIP', 'string', 1),
    AGE,
  ],
  Fabricator: [
    column('Release', '.status.release'),
    column('CtrlVer', '.status.versions.fabricator.controller'),
    column('Gen', '.metadata.generation'),
    column('Appl', '.status.lastAppliedGen'),
    column('ApplT', '.status.lastAppliedTime', 'date'),
    column('Status', '.status.lastStatusCheck', 'date'),
    column('Registry', '.status.components.zot', 'string', 1),
    column('Ctrl', '.status.components.fabricatorCtrl', 'string', 1),
    column('Ready', '.status.conditions[?(@.type=="Ready")].status'),
    column('GwReady', '.status.conditions[?(@.type=="GatewayReady")].status'),
  ],
  FabNode: [column('Roles', '.spec.roles'), column('MgmtIP', '.spec.management.ip'), AGE],
}
