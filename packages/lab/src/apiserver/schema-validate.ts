import { RE2JS } from 're2js'
import type { StatusCause } from './api-status.ts'
import { equal, isObject, sorted, type Json, type JsonObject, text } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { itemSchema, mapPath, memberPath } from './schema-walk.ts'

/** What is wrong with an object by its structural schema, in the words and reasons of a real server. */
export function validateObject(object: KubeObject, schema: JsonObject): StatusCause[] {
  const causes: StatusCause[] = []
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...rest } = object
  const members = new Set(['apiVersion', 'kind', 'metadata'])
  const required = Array.isArray(schema.required) ? schema.required.filter((key) => !members.has(text(key))) : []
  validate(rest, { ...schema, type: 'object', required }, '', causes)
  return causes
}

const patterns = new Map<string, RE2JS | undefined>()

/** A compiled pattern; undefined for one the linear-time engine does not take (such a CRD would be refused by a real server). */
function compiled(pattern: string): RE2JS | undefined {
  if (!patterns.has(pattern)) {
    try {
      patterns.set(pattern, RE2JS.compile(pattern))
    } catch {
      // Not checkable: the field is taken as it is.
      patterns.set(pattern, undefined)
    }
  }
  return patterns.get(pattern)
}

function show(value: Json): string {
  return JSON.stringify(sorted(value))
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function hasType(value: Json, schema: JsonObject): boolean {
  if (value === null) return schema.nullable === true
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))
  switch (text(schema.type)) {
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    default:
      return true
  }
}

function validate(value: Json, schema: JsonObject, path: string, causes: StatusCause[]): void {
  const wrong = (reason: string, message: string, field = path): void => {
    causes.push({ reason, message, field })
  }
  if (!hasType(value, schema)) {
    const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer or string' : text(schema.type)
    wrong('FieldValueTypeInvalid', `Invalid value: "${typeName(value)}": ${path} in body must be of type ${wanted}: "${typeName(value)}"`)
    return
  }
  if (value === null) return
  if (Array.isArray(schema.enum) && !schema.enum.some((option) => equal(option, value))) {
    wrong(
      'FieldValueNotSupported',
      `Unsupported value: ${show(value)}: supported values: ${schema.enum.map((option) => show(option)).join(', ')}`,
    )
  }
  if (typeof value === 'string') validateString(value, schema, path, wrong)
  else if (typeof value === 'number') validateNumber(value, schema, path, wrong)
  else if (Array.isArray(value)) {
    validateList(value, schema, path, wrong)
    value.forEach((item, i) => validate(item, itemSchema(schema), `${path}[${i}]`, causes))
  } else if (isObject(value)) validateMembers(value, schema, path, causes, wrong)
  validateCombinations(value, schema, path, wrong)
}

type Wrong = (reason: string, message: string, field?: string) => void

function validateString(value: string, schema: JsonObject, path: string, wrong: Wrong): void {
  // Counted in code points, as Go counts runes.
  const length = value.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '_').length
  if (typeof schema.maxLength === 'number' && length > schema.maxLength)
    wrong('FieldValueTooLong', `Too long: may not be more than ${schema.maxLength} bytes`)
  if (typeof schema.minLength === 'number' && length < schema.minLength) {
    wrong('FieldValueInvalid', `Invalid value: ${show(value)}: ${path} in body should be at least ${schema.minLength} chars long`)
  }
  if (typeof schema.pattern === 'string' && compiled(schema.pattern)?.matcher(value).find() === false) {
    wrong('FieldValueInvalid', `Invalid value: ${show(value)}: ${path} in body should match '${schema.pattern}'`)
  }
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    wrong('FieldValueInvalid', `Invalid value: ${show(value)}: ${path} in body must be of type date-time: ${show(value)}`)
  }
}

function validateNumber(value: number, schema: JsonObject, path: string, wrong: Wrong): void {
  const { minimum, maximum, multipleOf } = schema
  if (typeof maximum === 'number' && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    wrong(
      'FieldValueInvalid',
      `Invalid value: ${value}: ${path} in body should be less than${schema.exclusiveMaximum === true ? '' : ' or equal to'} ${maximum}`,
    )
  }
  if (typeof minimum === 'number' && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    wrong(
      'FieldValueInvalid',
      `Invalid value: ${value}: ${path} in body should be greater than${schema.exclusiveMinimum === true ? '' : ' or equal to'} ${minimum}`,
    )
  }
  if (typeof multipleOf === 'number' && value % multipleOf !== 0) {
    wrong('FieldValueInvalid', `Invalid value: ${value}: ${path} in body should be a multiple of ${multipleOf}`)
  }
  const bits = schema.format === 'int32' ? 31 : schema.format === 'int64' ? 63 : 0
  if (bits > 0 && (value >= 2 ** bits || value < -(2 ** bits))) {
    wrong('FieldValueInvalid', `Invalid value: ${value}: ${path} in body must be of type ${text(schema.format)}: "${value}"`)
  }
}

function validateList(value: readonly Json[], schema: JsonObject, path: string, wrong: Wrong): void {
  if (typeof schema.maxItems === 'number' && value.length > schema.maxItems) {
    wrong('FieldValueTooMany', `Too many: ${value.length}: must have at most ${schema.maxItems} items`)
  }
  if (typeof schema.minItems === 'number' && value.length < schema.minItems) {
    wrong('FieldValueInvalid', `Invalid value: ${value.length}: ${path} in body should have at least ${schema.minItems} items`)
  }
  const type = schema['x-kubernetes-list-type']
  const keys = Array.isArray(schema['x-kubernetes-list-map-keys']) ? schema['x-kubernetes-list-map-keys'].map(String) : []
  if (type !== 'set' && type !== 'map' && schema.uniqueItems !== true) return
  const seen = new Set<string>()
  value.forEach((item, i) => {
    const identity = type === 'map' && isObject(item) ? Object.fromEntries(keys.map((key) => [key, item[key]])) : item
    const text = show(identity)
    if (seen.has(text)) wrong('FieldValueDuplicate', `Duplicate value: ${text}`, `${path}[${i}]`)
    seen.add(text)
  })
}

function validateMembers(value: JsonObject, schema: JsonObject, path: string, causes: StatusCause[], wrong: Wrong): void {
  const count = Object.keys(value).length
  if (typeof schema.maxProperties === 'number' && count > schema.maxProperties) {
    wrong('FieldValueTooMany', `Too many: ${count}: must have at most ${schema.maxProperties} items`)
  }
  if (typeof schema.minProperties === 'number' && count < schema.minProperties) {
    wrong('FieldValueInvalid', `Invalid value: ${count}: ${path} in body should have at least ${schema.minProperties} properties`)
  }
  for (const key of Array.isArray(schema.required) ? schema.required.map(String) : []) {
    if (value[key] === undefined) wrong('FieldValueRequired', 'Required value', memberPath(path, key))
  }
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    const property = isObject(schema.properties) && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
    if (isObject(property)) validate(member, property, memberPath(path, key), causes)
    else if (isObject(schema.additionalProperties)) validate(member, schema.additionalProperties, mapPath(path, key), causes)
  }
}

/** allOf, anyOf, oneOf and not: what they contain is checked on its own. */
function validateCombinations(value: Json, schema: JsonObject, path: string, wrong: Wrong): void {
  const failures = (part: Json): StatusCause[] => {
    const found: StatusCause[] = []
    if (isObject(part)) validate(value, part, path, found)
    return found
  }
  if (Array.isArray(schema.allOf))
    for (const part of schema.allOf) for (const cause of failures(part)) wrong(cause.reason ?? '', cause.message, cause.field)
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some((part) => failures(part).length === 0)) {
    wrong('FieldValueInvalid', `Invalid value: ${show(value)}: ${path} in body must validate at least one schema (anyOf)`)
  }
  if (Array.isArray(schema.oneOf) && schema.oneOf.filter((part) => failures(part).length === 0).length !== 1) {
    wrong('FieldValueInvalid', `Invalid value: ${show(value)}: ${path} in body must validate one and only one schema (oneOf)`)
  }
  if (isObject(schema.not) && failures(schema.not).length === 0) {
    wrong('FieldValueInvalid', `Invalid value: ${show(value)}: ${path} in body must not validate the schema (not)`)
  }
}
