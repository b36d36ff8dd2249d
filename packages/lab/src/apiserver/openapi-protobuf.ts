import { isObject, objectOr, type Json, type JsonObject, text } from './json.ts'
import { writeField, writeNumber } from './protobuf-wire.ts'

/**
 * An OpenAPI v2 document in the protobuf form kubectl before 1.27 explains and validates from (message
 * `openapi.v2.Document` of gnostic; field numbers are those of its OpenAPIv2.proto). Paths are left out.
 */
export function openapiV2Protobuf(document: JsonObject): Buffer {
  const info = objectOr(document.info)
  const definitions = Object.entries(objectOr(document.definitions)).map(([name, schema]) =>
    writeField(1, namedSchema(name, objectOr(schema))),
  )
  return Buffer.concat([
    writeField(1, text(document.swagger)),
    writeField(2, Buffer.concat([writeField(1, text(info.title)), writeField(2, text(info.version))])),
    writeField(8, Buffer.alloc(0)),
    writeField(9, Buffer.concat(definitions)),
  ])
}

function namedSchema(name: string, schema: JsonObject): Buffer {
  return Buffer.concat([writeField(1, name), writeField(2, schemaMessage(schema))])
}

function schemaMessage(schema: JsonObject): Buffer {
  const parts: Buffer[] = []
  if (typeof schema.$ref === 'string') parts.push(writeField(1, schema.$ref))
  if (typeof schema.format === 'string') parts.push(writeField(2, schema.format))
  if (typeof schema.description === 'string') parts.push(writeField(4, schema.description))
  if (Array.isArray(schema.required)) for (const key of schema.required) parts.push(writeField(19, text(key)))
  const { additionalProperties } = schema
  if (isObject(additionalProperties)) parts.push(writeField(21, writeField(1, schemaMessage(additionalProperties))))
  else if (additionalProperties === true) parts.push(writeField(21, writeNumber(2, 1)))
  if (typeof schema.type === 'string') parts.push(writeField(22, writeField(1, schema.type)))
  if (isObject(schema.items)) parts.push(writeField(23, writeField(1, schemaMessage(schema.items))))
  if (isObject(schema.properties)) {
    const properties = Object.entries(schema.properties).map(([name, property]) => writeField(1, namedSchema(name, objectOr(property))))
    parts.push(writeField(25, Buffer.concat(properties)))
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-') && value !== undefined) parts.push(writeField(31, namedAny(key, value)))
  }
  return Buffer.concat(parts)
}

/** An extension; its value is YAML, of which JSON is a part. */
function namedAny(name: string, value: Json): Buffer {
  return Buffer.concat([writeField(1, name), writeField(2, writeField(2, JSON.stringify(value)))])
}
