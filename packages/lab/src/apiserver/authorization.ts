import { forbidden } from './api-status.ts'
import type { Account } from './accounts.ts'
import type { RequestInfo, ResourceTarget } from './request-info.ts'

const PUBLIC = new Set(['/version', '/healthz', '/livez', '/readyz'])

/** Whether the account may do this; asking about oneself and discovery are open to all who signed in. */
export function allowed(account: Account, verb: string, target: Pick<ResourceTarget, 'group' | 'resource'>): boolean {
  const { verbs, deny } = account.rules
  if (target.group === 'authorization.k8s.io' || target.group === 'authentication.k8s.io') {
    return account.groups.includes('system:authenticated')
  }
  const key = target.group === '' ? target.resource : `${target.resource}.${target.group}`
  if (deny?.includes(key)) return false
  return verbs === 'all' || verbs.includes(verb)
}

/** Throws 403 in the words of a real server when the account may not do what the request asks. */
export function authorize(account: Account, info: RequestInfo): void {
  const { target } = info
  if (target === undefined) {
    if (PUBLIC.has(info.path) || account.groups.includes('system:authenticated')) return
    throw forbidden({ group: '', resource: '' }, '', `User "${account.user}" cannot ${info.verb} path "${info.path}"`)
  }
  if (allowed(account, info.verb, target)) return
  const resource = target.subresource === '' ? target.resource : `${target.resource}/${target.subresource}`
  const where = target.namespace === '' ? 'at the cluster scope' : `in the namespace "${target.namespace}"`
  throw forbidden(
    target,
    target.name,
    `User "${account.user}" cannot ${info.verb} resource "${resource}" in API group "${target.group}" ${where}`,
  )
}
