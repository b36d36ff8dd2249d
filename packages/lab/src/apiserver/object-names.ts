import type { StatusCause } from './api-status.ts'

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

/** Why a name is not an RFC 1123 subdomain; undefined when it is. */
export function nameProblem(name: string, field = 'metadata.name'): StatusCause | undefined {
  if (name.length > 253)
    return { reason: 'FieldValueInvalid', message: `Invalid value: "${name}": must be no more than 253 characters`, field }
  if (SUBDOMAIN.test(name)) return undefined
  return {
    reason: 'FieldValueInvalid',
    message:
      `Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ` +
      `and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is ` +
      `'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    field,
  }
}

/** What is wrong with labels: keys are [prefix/]name, names and values at most 63 characters. */
export function labelProblems(labels: Readonly<Record<string, unknown>> | undefined): StatusCause[] {
  const causes: StatusCause[] = []
  const field = 'metadata.labels'
  for (const [key, value] of Object.entries(labels ?? {})) {
    const slash = key.lastIndexOf('/')
    const name = key.slice(slash + 1)
    const prefix = slash === -1 ? undefined : key.slice(0, slash)
    if (name.length > 63 || !QUALIFIED_NAME.test(name) || (prefix !== undefined && !SUBDOMAIN.test(prefix))) {
      causes.push({
        reason: 'FieldValueInvalid',
        message: `Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.'`,
        field,
      })
    }
    if (typeof value !== 'string')
      causes.push({ reason: 'FieldValueTypeInvalid', message: `Invalid value: label "${key}" must be a string`, field })
    else if (value.length > 63)
      causes.push({ reason: 'FieldValueTooLong', message: `Invalid value: "${value}": must be no more than 63 characters`, field })
    else if (value !== '' && !QUALIFIED_NAME.test(value)) {
      causes.push({
        reason: 'FieldValueInvalid',
        message: `Invalid value: "${value}": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`,
        field,
      })
    }
  }
  return causes
}
