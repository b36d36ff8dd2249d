import { badRequest } from './api-status.ts'
import type { StoredObject } from './stored-object.ts'

/** Whether an object is meant. */
export type Selector = (object: StoredObject) => boolean

/** Chooses everything. */
const everything: Selector = () => true

/** labelSelector: `a=b,c!=d,e,!f,g in (h,i),j notin (k)`. Undefined when empty. Throws 400 when not understood. */
function labelSelector(text: string): Selector | undefined {
  if (text.trim() === '') return undefined
  const tests = splitOutsideParentheses(text).map(labelRequirement)
  return (object) => tests.every((test) => test(object.labels))
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim())
}

function labelRequirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^([^\s!=(),]+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(text)
  if (set !== null) {
    const key = set[1]!
    const values = new Set(set[3]!.split(',').map((value) => value.trim()))
    return set[2] === 'in'
      ? (labels) => labels[key] !== undefined && values.has(labels[key])
      : (labels) => labels[key] === undefined || !values.has(labels[key])
  }
  const pair = /^([^\s!=(),]+)\s*(==|=|!=)\s*([^\s!=(),]*)$/.exec(text)
  if (pair !== null) {
    const [, key = '', operator, value] = pair
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const exists = /^(!?)\s*([^\s!=(),]+)$/.exec(text)
  if (exists === null) throw badRequest(`unable to parse requirement: found '${text}', expected: a label selector requirement`)
  const key = exists[2]!
  return exists[1] === '!' ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined
}

/** fieldSelector on metadata.name and metadata.namespace, the two that custom resources have. Throws 400 for others. */
function fieldSelector(text: string): Selector | undefined {
  if (text.trim() === '') return undefined
  const tests = text.split(',').map((part) => {
    const match = /^\s*([\w.]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part)
    if (match === null) throw badRequest(`invalid field selector: ${part}`)
    const [, field, operator, value] = match
    if (field !== 'metadata.name' && field !== 'metadata.namespace') throw badRequest(`field label not supported: ${field}`)
    const wanted = operator !== '!='
    return (object: StoredObject): boolean => ((field === 'metadata.name' ? object.name : object.namespace) === value) === wanted
  })
  return (object) => tests.every((test) => test(object))
}

/** All conditions of a list or watch request together. */
export function selectorOf(namespace: string, name: string, query: URLSearchParams): Selector {
  const parts: Selector[] = []
  if (namespace !== '') parts.push((object) => object.namespace === namespace)
  if (name !== '') parts.push((object) => object.name === name)
  const labels = labelSelector(query.get('labelSelector') ?? '')
  if (labels) parts.push(labels)
  const fields = fieldSelector(query.get('fieldSelector') ?? '')
  if (fields) parts.push(fields)
  if (parts.length === 0) return everything
  return parts.length === 1 ? parts[0]! : (object) => parts.every((part) => part(object))
}
