import { problemSchema } from '@binnacle/protocol'
import { z } from 'zod'
import type { Route } from '../route.ts'

type Json = Record<string, unknown>

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return json
}

const described = (right: Route['right']): string =>
  right.who === 'anybody'
    ? 'Anybody.'
    : right.who === 'signed_in'
      ? 'Anybody signed in; the answer is narrowed by grants.'
      : `Role ${right.role} on ${right.who === 'fabric' ? 'the fabric' : right.who === 'system' ? 'the system' : 'all fabrics'}.`

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

/** The OpenAPI 3.1 document, made from the same schemas that guard the routes. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const each of routes) {
    const path = `/api/v1${each.path.replaceAll(/:([a-z_]+)/g, '{$1}')}`
    const problem = {
      description: 'Problem details (RFC 9457)',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
    const operation: Json = {
      summary: each.about,
      description: described(each.right),
      parameters: [...parameters(each.params, 'path'), ...parameters(each.query, 'query')],
      ...(each.body === undefined
        ? {}
        : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(each.body, 'input') } } } }),
      responses: {
        ...(each.answer === null
          ? { 204: { description: 'Done' } }
          : {
              [each.status ?? 200]: {
                description: each.about,
                content: { 'application/json': { schema: schemaOf(each.answer, 'output') } },
              },
            }),
        default: problem,
      },
      security: each.right.who === 'anybody' ? [] : [{ bearer: [] }],
    }
    paths[path] = { ...paths[path], [each.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Binnacle', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}
