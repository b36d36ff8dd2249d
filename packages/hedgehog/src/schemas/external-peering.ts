import { list, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Spec of an ExternalPeering. */
export const externalPeeringSpec = obj(
  {
    permit: obj(
      {
        vpc: obj({ name: str('VPC that is let out.'), subnets: list(str(), 'Its subnets that are announced.') }, 'The inner side.'),
        external: obj(
          {
            name: str('External that is reached.'),
            prefixes: list(obj({ prefix: str('Network as CIDR; 0.0.0.0/0 permits any.') }), 'Routes accepted from outside.'),
          },
          'The outer side.',
        ),
      },
      'Who may reach whom.',
    ),
  },
  'A VPC, an external and what they permit.',
)

/** The CRD of ExternalPeering. */
export const EXTERNAL_PEERING_CRD = customResourceDefinition({
  kind: 'ExternalPeering',
  description: 'Lets a VPC reach an external.',
  spec: externalPeeringSpec,
})
