import { obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** The CRD of Server. */
export const SERVER_CRD = customResourceDefinition({
  kind: 'Server',
  description: 'A machine whose ports connections can name.',
  spec: obj({ description: str('Free text.'), profile: str('Not used yet.') }, 'What is known of the machine.'),
})
