import { AGENT_CRD } from './agent.ts'
import { CATALOG_CRD } from './catalog.ts'
import { CONNECTION_CRD } from './connection.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'
import { DHCP_SUBNET_CRD } from './dhcp-subnet.ts'
import { EXTERNAL_ATTACHMENT_CRD } from './external-attachment.ts'
import { EXTERNAL_PEERING_CRD } from './external-peering.ts'
import { EXTERNAL_CRD } from './external.ts'
import { CONTROL_NODE_CRD, FAB_NODE_CRD, FABRICATOR_CRD } from './fabricator.ts'
import { GATEWAY_AGENT_CRD } from './gateway-agent.ts'
import { GATEWAY_CRD, GATEWAY_GROUP_CRD, GATEWAY_PEERING_CRD, VPC_INFO_CRD } from './gateway.ts'
import { IPV4_NAMESPACE_CRD } from './ipv4-namespace.ts'
import { SERVER_PROFILE_CRD } from './server-profile.ts'
import { SERVER_CRD } from './server.ts'
import { SWITCH_GROUP_CRD } from './switch-group.ts'
import { SWITCH_PROFILE_CRD } from './switch-profile.ts'
import { SWITCH_CRD } from './switch.ts'
import { VLAN_NAMESPACE_CRD } from './vlan-namespace.ts'
import { VPC_ATTACHMENT_CRD } from './vpc-attachment.ts'
import { VPC_PEERING_CRD } from './vpc-peering.ts'
import { VPC_CRD } from './vpc.ts'

/**
 * The manifests of all kinds of the registry, in its order: for the lab, for tests, and as a fallback for forms.
 * Towards a real cluster the CRD that it serves is the truth, not this.
 */
export const CRDS: readonly CustomResourceDefinition[] = [
  IPV4_NAMESPACE_CRD,
  VLAN_NAMESPACE_CRD,
  SWITCH_GROUP_CRD,
  SWITCH_CRD,
  SERVER_CRD,
  CONNECTION_CRD,
  VPC_CRD,
  EXTERNAL_CRD,
  VPC_ATTACHMENT_CRD,
  EXTERNAL_ATTACHMENT_CRD,
  VPC_PEERING_CRD,
  EXTERNAL_PEERING_CRD,
  SWITCH_PROFILE_CRD,
  SERVER_PROFILE_CRD,
  AGENT_CRD,
  CATALOG_CRD,
  DHCP_SUBNET_CRD,
  GATEWAY_GROUP_CRD,
  GATEWAY_CRD,
  GATEWAY_PEERING_CRD,
  VPC_INFO_CRD,
  GATEWAY_AGENT_CRD,
  FABRICATOR_CRD,
  CONTROL_NODE_CRD,
  FAB_NODE_CRD,
]
