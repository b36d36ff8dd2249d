import { list, map, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Spec of a VPCPeering. */
export const vpcPeeringSpec = obj(
  {
    permit: list(
      map(obj({ subnets: list(str(), 'Subnets of this VPC; absent: all of them.', { minItems: 1, maxItems: 10 }) })),
      'What may talk to what: each entry names the same two VPCs.',
      { minItems: 1, maxItems: 10 },
    ),
    remote: str('No longer used; must be empty.'),
  },
  'Two VPCs and what they permit.',
)

/** The CRD of VPCPeering. */
export const VPC_PEERING_CRD = customResourceDefinition({
  kind: 'VPCPeering',
  description: 'Lets two VPCs talk to each other.',
  spec: vpcPeeringSpec,
})
