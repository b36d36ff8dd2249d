import { marker } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** The CRD of SwitchGroup. */
export const SWITCH_GROUP_CRD = customResourceDefinition({
  kind: 'SwitchGroup',
  description: 'A name that switches can share, for redundancy.',
  spec: marker('Always empty.'),
})
