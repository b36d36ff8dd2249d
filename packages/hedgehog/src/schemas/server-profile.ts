import { list, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** The CRD of ServerProfile. */
export const SERVER_PROFILE_CRD = customResourceDefinition({
  kind: 'ServerProfile',
  description: 'A hardware model of server. Not used yet.',
  spec: obj(
    {
      nics: list(
        obj({ name: str('Name of the card.'), ports: list(obj({ name: str('Name of the port.') }), 'Its ports.') }),
        'Network cards.',
      ),
    },
    'What the model has.',
  ),
})
