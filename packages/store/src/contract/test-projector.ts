import { BinnacleError, type NewEvent, type Projector, type ProjectorReader, type Row, type StoredObject } from '@binnacle/protocol'

/** What the documents of the contract suites hold. */
export interface TestDocument {
  readonly metadata?: { readonly creationTimestamp?: string }
  readonly spec: {
    readonly colour?: string | null
    readonly size?: number | null
    readonly on?: boolean
    readonly text?: string
    /** Names of other objects: `Kind/name`. */
    readonly refs?: readonly string[]
    /** A lamp that needs no probe. */
    readonly spare?: boolean
    /** At which step the projector throws on this object. */
    readonly poison?: 'put' | 'gone' | 'derive' | 'affected'
  }
}

const specOf = (document: string): TestDocument['spec'] => (JSON.parse(document) as TestDocument).spec

const subjectOf = ({ key, uid }: Pick<StoredObject, 'key' | 'uid'>): NewEvent['subject'] => ({
  group: key.group,
  kind: key.kind,
  namespace: key.namespace,
  name: key.name,
  uid,
})

const refuse = (object: { readonly document: string }, step: NonNullable<TestDocument['spec']['poison']>): void => {
  if (specOf(object.document).poison === step) throw new BinnacleError('OBJECT_MALFORMED', `poison at ${step}`)
}

const target = (ref: string): { kind: string; name: string } => {
  const slash = ref.indexOf('/')
  return { kind: ref.slice(0, slash), name: ref.slice(slash + 1) }
}

const healthOf = (object: StoredObject | undefined): string => {
  if (object === undefined) return 'unknown'
  if (object.key.kind === 'Probe') return object.row['on'] === true ? 'healthy' : 'failed'
  return object.derived?.health ?? 'unknown'
}

/**
 * The projector of the contract suites, loaded by the store's writer from this file. Three kinds are enough to reach
 * every rule: a `Probe` has no status; a `Lamp` is lit when the probes that it refers to are on, and dark when its
 * signal `pulse` says silent, and a spare one is fine once it is known that no probe needs it; a `Panel` is as its worst lamp, so that a change has to travel two steps.
 */
export function createProjector(): Projector {
  return {
    put(fact, stored, catchUp) {
      refuse(fact, 'put')
      const spec = specOf(fact.document)
      const row: Row = {
        colour: spec.colour ?? null,
        size: spec.size ?? null,
        on: spec.on ?? null,
        text: spec.text?.slice(0, 200) ?? null,
      }
      const references = (spec.refs ?? []).map((ref) => ({ group: fact.key.group, ...target(ref), role: 'part' }))
      const event: NewEvent = {
        event_type: stored === undefined ? 'cr_created' : 'cr_updated',
        scope: fact.key.scope,
        subject: subjectOf(fact),
        data: { resource_version: fact.version, row },
        observedAt: fact.observedAt,
        source: 'contract',
        ...(catchUp ? { catchUp } : {}),
      }
      return { row, labels: {}, references, events: [event] }
    },
    gone(stored, fact, observedAt, catchUp) {
      refuse(stored, 'gone')
      return [
        {
          event_type: 'cr_deleted',
          scope: stored.key.scope,
          subject: subjectOf(stored),
          data: { resource_version: fact?.version ?? stored.version },
          observedAt,
          source: 'contract',
          ...(catchUp ? { catchUp } : {}),
        },
      ]
    },
    derives: (_group, kind) => kind === 'Lamp' || kind === 'Panel',
    derive(object: StoredObject, reader: ProjectorReader) {
      refuse(object, 'derive')
      const { scope, group, kind, name } = object.key
      if (object.signals['pulse']?.value === 'silent')
        return { status: 'dark', health: 'failed', text: 'its pulse is silent', from: [{ kind, name, fact: 'pulse' }] }
      const { refs = [], spare = false } = specOf(object.document)
      if (spare && refs.length === 0 && reader.listed(scope, group, 'Probe'))
        return { status: 'spare', health: 'healthy', text: 'it is spare', from: [{ kind, name, fact: 'no probe' }] }
      const parts = refs.map((ref) => {
        const part = target(ref)
        return { ...part, fact: healthOf(reader.get(scope, group, part.kind, part.name)) }
      })
      const facts = parts.map(({ fact }) => fact)
      const health = facts.length === 0 || facts.includes('unknown') ? 'unknown' : facts.includes('failed') ? 'failed' : 'healthy'
      const status = { healthy: 'lit', failed: 'dark', unknown: 'unknown' }[health]
      return { status, health, text: `it is ${status}`, from: parts }
    },
    affected(object, reader) {
      refuse(object, 'affected')
      return [object.key, ...reader.referrers(object.key.scope, object.key).map(({ key }) => key)]
    },
    awaiting: (group, kind) => (kind === 'Panel' ? ['Panel'] : ['Lamp', 'Panel']).map((each) => ({ group, kind: each })),
    statusChanged: (object, before, after, observedAt, catchUp) => [
      {
        event_type: 'cr_status_changed',
        scope: object.key.scope,
        subject: subjectOf(object),
        data: { before: before?.status ?? null, after: after?.status ?? null },
        observedAt,
        source: 'contract',
        ...(catchUp ? { catchUp } : {}),
      },
    ],
  }
}
