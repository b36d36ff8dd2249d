import type { IncomingMessage } from 'node:http'
import { load, YAMLException } from 'js-yaml'
import { ApiStatusError, badRequest, unsupportedMediaType } from './api-status.ts'
import { duplicateKeys } from './duplicate-keys.ts'
import type { Json } from './json.ts'
import { decodeKubeProtobuf, PROTOBUF } from './kube-protobuf.ts'

/** Largest body taken, as real servers: 3 MiB. */
const MAX_BODY_BYTES = 3 * 1024 * 1024

/** A decoded request body. */
export interface RequestBody {
  readonly value: Json
  /** `duplicate field "spec.a"` for JSON members given twice. */
  readonly duplicates: readonly string[]
}

/** Reads a whole body. Throws 413 above `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new ApiStatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** The media type without parameters. */
export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase()
}

/** Decodes JSON, YAML or (for the few built-in kinds) protobuf by media type. Throws 400 for what cannot be read, 415 for other types. */
export function decodeBody(body: Buffer, type: string): RequestBody {
  if (type === PROTOBUF) return { value: decodeKubeProtobuf(body), duplicates: [] }
  const text = body.toString()
  if (type.endsWith('yaml')) {
    try {
      return { value: (load(text) ?? null) as Json, duplicates: [] }
    } catch (error) {
      const reason = error instanceof YAMLException ? error.reason : String(error)
      throw badRequest(`error converting YAML to JSON: yaml: ${reason}`)
    }
  }
  if (!type.endsWith('json')) throw unsupportedMediaType(type, ['application/json', 'application/yaml'])
  try {
    return { value: JSON.parse(text) as Json, duplicates: duplicateKeys(text) }
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`)
  }
}
