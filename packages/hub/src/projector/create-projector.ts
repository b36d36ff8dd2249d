import {
  agentTransitions,
  affectedBy,
  affectedObjects,
  columnsOf,
  derivesStatus,
  deriveStatus,
  kindOf,
  referencesOf,
  type AgentTransition,
  type Neighbour,
  type Neighbours,
  type ResourceDocument,
} from '@binnacle/hedgehog'
import type { DerivedStatus, NewEvent, ObjectKey, Projector, ProjectorReader, PutFact, StoredObject, Subject } from '@binnacle/protocol'
import { changedPaths } from './changed-paths.ts'

/** The kind whose reports become the health of a switch. */
const AGENT_KIND = 'Agent'
const SOURCE = 'kubernetes_watch'
/** Transitions told in one event at most, and the length of their texts: names of ports are the cluster's. */
const MAX_TRANSITIONS = 50
const MAX_TEXT = 120

function bounded(transition: AgentTransition): AgentTransition {
  const { type, subject, text } = transition
  return { type, text: text.slice(0, MAX_TEXT), ...(subject !== undefined && { subject: subject.slice(0, MAX_TEXT) }) }
}

const subjectOf = (key: ObjectKey, uid: string): Subject => ({
  group: key.group,
  kind: key.kind,
  namespace: key.namespace,
  name: key.name,
  uid,
})

type Parse = (text: string) => ResourceDocument

/** A parser that remembers the document parsed last: of the object at hand everything is asked in turn. Nobody changes what is parsed. */
function rememberingParser(): Parse {
  let last: { readonly text: string; readonly document: ResourceDocument } | undefined
  return (text) => {
    if (last?.text === text) return last.document
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('the document is not a map')
    last = { text, document: value as ResourceDocument }
    return last.document
  }
}

const generationOf = (document: ResourceDocument): number | null => {
  const metadata = document['metadata']
  const generation = typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>)['generation'] : undefined
  return typeof generation === 'number' ? generation : null
}

function labelsOf(document: ResourceDocument): Record<string, string> {
  const metadata = document['metadata']
  const labels = typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>)['labels'] : undefined
  if (typeof labels !== 'object' || labels === null) return {}
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** Whether the registry's kind is meant: another group may have a kind of the same name. */
const isOurs = (group: string, kind: string): boolean => kindOf(kind, group) !== undefined

function neighboursOf(scope: ObjectKey['scope'], reader: ProjectorReader, parsed: Parse): Neighbours {
  const neighbour = (object: StoredObject): Neighbour => {
    let document: ResourceDocument | undefined
    return {
      name: object.key.name,
      // Read and parsed when somebody asks: of many neighbours only the name counts.
      get document() {
        return (document ??= parsed(object.document))
      },
      signals: object.signals,
    }
  }
  const groupOf = (kind: string): string => kindOf(kind)?.group ?? ''
  return {
    get(kind, name) {
      const found = reader.get(scope, groupOf(kind), kind, name)
      return found === undefined ? undefined : neighbour(found)
    },
    referrers: (kind, name, by) =>
      reader.referrers(scope, { group: groupOf(kind), kind, name }, { group: groupOf(by), kind: by }).map(neighbour),
    count: (kind, name, by) => reader.countReferrers(scope, { group: groupOf(kind), kind, name }, { group: groupOf(by), kind: by }),
    listed: (kind) => reader.listed(scope, groupOf(kind), kind),
  }
}

/**
 * The projector of Hedgehog objects: columns, references and derived status come from the domain; events say what
 * changed and carry the columns after it. Kinds that the domain does not know get generic columns and no status.
 */
export function createProjector(): Projector {
  const parsed = rememberingParser()
  return {
    put(fact: PutFact, stored, catchUp) {
      const { key } = fact
      const before = stored === undefined ? undefined : parsed(stored.document)
      const document = parsed(fact.document)
      const definition = kindOf(key.kind, key.group)
      const row = columnsOf(definition, document)
      const data: Record<string, unknown> = { row, resource_version: fact.version, generation: generationOf(document) }
      if (before !== undefined) {
        data['changed'] = changedPaths(before, document)
        if (key.kind === AGENT_KIND && definition !== undefined) {
          const transitions = agentTransitions(before, document)
          if (transitions.length > 0) data['transitions'] = transitions.slice(0, MAX_TRANSITIONS).map(bounded)
        }
      }
      const event: NewEvent = {
        event_type: stored === undefined ? 'cr_created' : 'cr_updated',
        scope: key.scope,
        subject: subjectOf(key, fact.uid),
        data,
        observedAt: fact.observedAt,
        source: SOURCE,
        ...(catchUp ? { catchUp } : {}),
      }
      return {
        row,
        labels: labelsOf(document),
        references:
          definition === undefined
            ? []
            : referencesOf(key.kind, document).map(({ group, kind, name, role }) => ({ group, kind, name, role })),
        events: [event],
      }
    },

    gone(stored, fact, observedAt, catchUp) {
      return [
        {
          event_type: 'cr_deleted',
          scope: stored.key.scope,
          subject: subjectOf(stored.key, stored.uid),
          data: { row: stored.row, resource_version: fact?.version ?? stored.version },
          observedAt,
          source: SOURCE,
          ...(catchUp ? { catchUp } : {}),
        },
      ]
    },

    derives: (group, kind) => isOurs(group, kind) && derivesStatus(kind),

    derive(object, reader): DerivedStatus | null {
      if (!isOurs(object.key.group, object.key.kind)) return null
      return deriveStatus(object.key.kind, parsed(object.document), neighboursOf(object.key.scope, reader, parsed)) ?? null
    },

    affected(object, reader, change) {
      const { key } = object
      if (!isOurs(key.group, key.kind)) return []
      return affectedObjects(key.kind, key.name, parsed(object.document), neighboursOf(key.scope, reader, parsed), change).map(
        ({ group, kind, name }) => ({
          scope: key.scope,
          group,
          kind,
          namespace: key.namespace,
          name,
        }),
      )
    },

    awaiting: (group, kind) =>
      isOurs(group, kind)
        ? affectedBy(kind).flatMap((each) => {
            const definition = kindOf(each)
            // No status depends on another object of the same kind.
            return definition === undefined || each === kind ? [] : [{ group: definition.group, kind: each }]
          })
        : [],

    statusChanged(object, before, after, observedAt, catchUp) {
      // A switch agent's own status is told once, as the health of its switch.
      if (object.key.kind === AGENT_KIND) return []
      return [
        {
          event_type: object.key.kind === 'Switch' ? 'switch_health_changed' : 'cr_status_changed',
          scope: object.key.scope,
          subject: subjectOf(object.key, object.uid),
          data: { before: before === null ? null : { status: before.status, health: before.health }, after, row: object.row },
          observedAt,
          source: 'derived',
          ...(catchUp ? { catchUp } : {}),
        },
      ]
    },
  }
}
