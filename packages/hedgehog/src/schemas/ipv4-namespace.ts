import { list, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Spec of an IPv4Namespace. */
export const ipv4NamespaceSpec = obj(
  { subnets: list(str(), 'Networks as CIDR that VPC subnets are taken from.', { minItems: 1, maxItems: 20 }) },
  'The address space.',
)

/** The CRD of IPv4Namespace. */
export const IPV4_NAMESPACE_CRD = customResourceDefinition({
  kind: 'IPv4Namespace',
  description: 'An address space without overlaps, shared by VPCs.',
  spec: ipv4NamespaceSpec,
})
