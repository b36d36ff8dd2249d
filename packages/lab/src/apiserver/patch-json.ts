import { ApiStatusError, badRequest } from './api-status.ts'
import { clone, equal, isObject, type Json, text } from './json.ts'

/** RFC 6902. Throws 400 for a patch that is not one, 422 when it cannot be applied (also when a `test` fails). */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch is an array of operations')
  if (patch.length > 10_000) {
    throw new ApiStatusError(413, 'RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is 10000, got ${patch.length}`)
  }
  let result = clone(target)
  for (const step of patch) {
    if (!isObject(step) || typeof step.op !== 'string' || typeof step.path !== 'string')
      throw badRequest('error decoding patch: operation without op or path')
    const path = pointer(step.path)
    switch (step.op) {
      case 'add':
        result = put(result, path, clone(step.value ?? null), true)
        break
      case 'replace':
        read(result, path)
        result = path.length === 0 ? clone(step.value ?? null) : put(result, path, clone(step.value ?? null), false)
        break
      case 'remove':
        result = drop(result, path)
        break
      case 'test':
        if (!equal(read(result, path, true), step.value ?? null)) throw unprocessable(`testing value ${step.path} failed: test failed`)
        break
      case 'move': {
        const from = pointer(text(step.from))
        const value = read(result, from)
        result = put(drop(result, from), path, value, true)
        break
      }
      case 'copy':
        result = put(result, path, clone(read(result, pointer(text(step.from)))), true)
        break
      default:
        throw badRequest(`error decoding patch: unexpected kind: ${step.op}`)
    }
  }
  return result
}

function unprocessable(why: string): ApiStatusError {
  return new ApiStatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {})
}

function pointer(text: string): string[] {
  if (text === '') return []
  if (!text.startsWith('/')) throw badRequest(`error decoding patch: path ${text} does not start with /`)
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function position(list: readonly Json[], key: string, inserting: boolean): number {
  if (key === '-' && inserting) return list.length
  const index = /^\d+$/.test(key) ? Number(key) : -1
  if (index < 0 || index >= list.length + (inserting ? 1 : 0)) throw unprocessable(`index ${key} out of bounds`)
  return index
}

function read(value: Json, path: readonly string[], missingIsNull = false): Json {
  let at: Json = value
  for (const key of path) {
    if (Array.isArray(at)) at = at[position(at, key, false)]!
    else {
      const member: Json | undefined = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
      if (member === undefined) {
        if (missingIsNull) return null
        throw unprocessable(`missing path /${path.join('/')}`)
      }
      at = member
    }
  }
  return at
}

function put(root: Json, path: readonly string[], value: Json, inserting: boolean): Json {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = read(root, path.slice(0, -1))
  if (Array.isArray(parent)) {
    const index = position(parent, last, inserting)
    parent.splice(index, inserting ? 0 : 1, value)
  } else if (isObject(parent)) Object.defineProperty(parent, last, { value, enumerable: true, writable: true, configurable: true })
  else throw unprocessable(`parent of /${path.join('/')} is not a container`)
  return root
}

function drop(root: Json, path: readonly string[]): Json {
  const last = path.at(-1)
  if (last === undefined) throw unprocessable('the whole document cannot be removed')
  const parent = read(root, path.slice(0, -1))
  if (Array.isArray(parent)) parent.splice(position(parent, last, false), 1)
  else if (isObject(parent) && Object.hasOwn(parent, last)) delete parent[last]
  else throw unprocessable(`Unable to remove nonexistent key: ${last}`)
  return root
}
