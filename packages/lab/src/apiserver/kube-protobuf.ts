import { badRequest } from './api-status.ts'
import type { Json, JsonObject } from './json.ts'
import { readFields } from './protobuf-wire.ts'

/** Media type in which kubectl sends built-in kinds. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

const MAGIC = Buffer.from('k8s\0')

type FieldType = 'string' | 'bool' | 'int' | 'map' | 'strings' | Message
interface Message {
  readonly [number: number]: readonly [name: string, type: FieldType]
}

// Field numbers are those of the generated.proto files of the Kubernetes API.
const OBJECT_META: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  14: ['finalizers', 'strings'],
}

const RESOURCE_ATTRIBUTES: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
}

const KINDS: Readonly<Record<string, Message>> = {
  SelfSubjectAccessReview: {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      { 1: ['resourceAttributes', RESOURCE_ATTRIBUTES], 2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }] },
    ],
  },
  SelfSubjectRulesReview: { 1: ['metadata', OBJECT_META], 2: ['spec', { 1: ['namespace', 'string'] }] },
  Namespace: { 1: ['metadata', OBJECT_META], 2: ['spec', { 1: ['finalizers', 'strings'] }] },
  ConfigMap: { 1: ['metadata', OBJECT_META], 2: ['data', 'map'], 4: ['immutable', 'bool'] },
  DeleteOptions: { 4: ['propagationPolicy', 'string'] },
}

/** Decodes a body of one of the built-in kinds. Throws 400 for any other. */
export function decodeKubeProtobuf(body: Buffer): JsonObject {
  try {
    if (!body.subarray(0, 4).equals(MAGIC)) throw new RangeError('the magic number is missing')
    const envelope = readFields(body.subarray(4))
    const type = readFields(envelope.find((field) => field.number === 1)?.bytes ?? Buffer.alloc(0))
    const text = (number: number): string => type.find((field) => field.number === number)?.bytes?.toString() ?? ''
    const kind = text(2)
    const shape = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
    if (shape === undefined) throw new RangeError(`kind ${kind} is not known here`)
    const raw = envelope.find((field) => field.number === 2)?.bytes ?? Buffer.alloc(0)
    return { apiVersion: text(1), kind, ...decode(raw, shape) }
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`the protobuf body cannot be decoded: ${error.message}`)
    throw error
  }
}

function decode(bytes: Buffer, shape: Message): JsonObject {
  const out: JsonObject = {}
  for (const field of readFields(bytes)) {
    const [name, type] = shape[field.number] ?? []
    if (name === undefined || type === undefined) continue
    const value = field.bytes ?? Buffer.alloc(0)
    if (type === 'bool') out[name] = field.value === 1
    else if (type === 'int') out[name] = field.value ?? 0
    else if (type === 'string') {
      // Go writes empty strings too; in JSON they are left out.
      if (value.length > 0) out[name] = value.toString()
    } else if (type === 'strings') out[name] = [...((out[name] ?? []) as Json[]), value.toString()]
    else if (type === 'map') {
      const entry = readFields(value)
      const part = (number: number): string => entry.find((item) => item.number === number)?.bytes?.toString() ?? ''
      out[name] = { ...((out[name] ?? {}) as JsonObject), [part(1)]: part(2) }
    } else out[name] = decode(value, type)
  }
  return out
}
