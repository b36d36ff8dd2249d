import type { JsonObject } from './json.ts'

/** A small CRD of its own for tests of the server: a gadget with every schema feature the server knows. */
export const GADGETS: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.lab.example' },
  spec: {
    group: 'lab.example',
    scope: 'Namespaced',
    names: { kind: 'Gadget', listKind: 'GadgetList', plural: 'gadgets', singular: 'gadget', shortNames: ['gd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Role', type: 'string', jsonPath: '.spec.role' },
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Parts', type: 'string', jsonPath: '.spec.parts', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A thing to test with.',
            properties: {
              spec: {
                type: 'object',
                required: ['role'],
                properties: {
                  role: { type: 'string', enum: ['spine', 'leaf'] },
                  size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
                  mac: { type: 'string', pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' },
                  port: { 'x-kubernetes-int-or-string': true },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  atomics: { type: 'array', maxItems: 3, items: { type: 'string' } },
                  parts: {
                    type: 'object',
                    additionalProperties: {
                      type: 'object',
                      properties: { vlan: { type: 'integer' }, note: { type: 'string' }, mode: { type: 'string', default: 'auto' } },
                    },
                  },
                  links: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, speed: { type: 'integer' } } },
                  },
                },
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
}

/** The collection path of gadgets in a namespace. */
export const GADGET_PATH = '/apis/lab.example/v1/namespaces/default/gadgets'
/** The collection path of gadgets everywhere. */
export const ALL_GADGETS = '/apis/lab.example/v1/gadgets'
/** The store key of gadgets. */
export const GADGET_KEY = 'gadgets.lab.example'

/** A gadget as a client would send it. */
export function gadget(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'lab.example/v1', kind: 'Gadget', metadata: { name, ...metadata }, spec: { role: 'leaf', ...spec } }
}
