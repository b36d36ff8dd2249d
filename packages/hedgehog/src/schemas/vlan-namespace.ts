import { int, list, obj } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** One range of VLAN ids. */
export const vlanRange = obj({ from: int('First VLAN id.'), to: int('Last VLAN id; absent: only the first.') })

/** Spec of a VLANNamespace. */
export const vlanNamespaceSpec = obj(
  { ranges: list(vlanRange, 'VLAN ids that VPCs may use.', { minItems: 1, maxItems: 20 }) },
  'The VLAN space.',
)

/** The CRD of VLANNamespace. */
export const VLAN_NAMESPACE_CRD = customResourceDefinition({
  kind: 'VLANNamespace',
  description: 'A VLAN space without overlaps, shared by switches and VPCs.',
  spec: vlanNamespaceSpec,
})
