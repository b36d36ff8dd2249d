import type { NewEvent, Projector, PutFact, StoredObject } from '@binnacle/protocol'

/**
 * The projector of the contract suites: simple enough to be predicted by a model. `spec.refs` names VPCs it refers to;
 * an object named `poison` cannot be projected; the status counts referrers.
 */
export function createProjector(): Projector {
  const event = (
    event_type: NewEvent['event_type'],
    key: StoredObject['key'],
    uid: string,
    observedAt: number,
    catchUp: boolean,
    data: Record<string, unknown>,
  ): NewEvent => ({
    event_type,
    scope: key.scope,
    subject: { group: key.group, kind: key.kind, namespace: key.namespace, name: key.name, uid },
    data,
    observedAt,
    source: 'test',
    ...(catchUp ? { catchUp } : {}),
  })
  const specOf = (document: string) => (JSON.parse(document) as { spec?: { refs?: string[]; size?: number; text?: string } }).spec ?? {}
  return {
    put(fact: PutFact, stored, catchUp) {
      if (fact.key.name === 'poison') throw new Error('this object cannot be projected')
      const spec = specOf(fact.document)
      return {
        row: { size: spec.size ?? null, text: spec.text ?? null },
        labels: {},
        references: (spec.refs ?? []).map((name) => ({ group: fact.key.group, kind: 'VPC', name, role: 'ref' })),
        events: [
          event(stored === undefined ? 'cr_created' : 'cr_updated', fact.key, fact.uid, fact.observedAt, catchUp, {
            version: fact.version,
          }),
        ],
      }
    },
    gone: (stored, _fact, observedAt, catchUp) => [
      event('cr_deleted', stored.key, stored.uid, observedAt, catchUp, { version: stored.version }),
    ],
    derives: () => true,
    derive(object, reader) {
      const users = reader.referrers(object.key.scope, object.key).length
      const silent = object.signals['heartbeat']?.value === 'silent'
      return {
        status: silent ? 'silent' : users === 0 ? 'unused' : 'used',
        health: silent ? 'failed' : 'healthy',
        text: `used by ${users}`,
        from: [],
      }
    },
    affected: (object) => [object.key, ...(specOf(object.document).refs ?? []).map((name) => ({ ...object.key, kind: 'VPC', name }))],
    statusChanged: (object, before, after, observedAt, catchUp) => [
      event('cr_status_changed', object.key, object.uid, observedAt, catchUp, {
        before: before?.status ?? null,
        after: after?.status ?? null,
      }),
    ],
  }
}
