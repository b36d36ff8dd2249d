import { allowed } from './authorization.ts'
import type { Account } from './accounts.ts'
import { objectOr, type JsonObject, text } from './json.ts'

/** Answers a SelfSubjectAccessReview: may the asker do this? */
export function accessReview(body: JsonObject, account: Account): JsonObject {
  const spec = objectOr(body.spec)
  const attributes = objectOr(spec.resourceAttributes)
  const isResource = spec.resourceAttributes !== undefined
  const ok = isResource
    ? allowed(account, text(attributes.verb ?? ''), {
        group: text(attributes.group ?? ''),
        resource: text(attributes.resource ?? ''),
      })
    : objectOr(spec.nonResourceAttributes).verb === 'get'
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec,
    status: { allowed: ok, reason: ok ? `RBAC: allowed for ${account.user}` : '' },
  }
}

/** Answers a SelfSubjectRulesReview: everything the asker may do. */
export function rulesReview(body: JsonObject, account: Account, resources: readonly { group: string; resource: string }[]): JsonObject {
  const { verbs, deny } = account.rules
  const verbList = verbs === 'all' ? ['*'] : [...verbs]
  const open = resources.filter((entry) => !(deny ?? []).includes(`${entry.resource}.${entry.group}`))
  const resourceRules =
    deny === undefined
      ? [{ verbs: verbList, apiGroups: ['*'], resources: ['*'] }]
      : open.map((entry) => ({ verbs: verbList, apiGroups: [entry.group], resources: [entry.resource] }))
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: objectOr(body.spec),
    status: { resourceRules, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }], incomplete: false },
  }
}
