import { list, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Spec of an External. */
export const externalSpec = obj(
  {
    ipv4Namespace: str('IPv4Namespace whose VPCs may use this external.'),
    inboundCommunity: str('BGP community expected on routes from outside, as n:n.'),
    outboundCommunity: str('BGP community set on routes to the outside, as n:n.'),
    static: obj({ prefixes: list(str(), 'Networks reached through it.') }, 'Static routes instead of BGP; then no communities.'),
  },
  'How the outside is reached.',
)

/** The CRD of External. */
export const EXTERNAL_CRD = customResourceDefinition({
  kind: 'External',
  description: 'A network outside of the fabric.',
  spec: externalSpec,
})
