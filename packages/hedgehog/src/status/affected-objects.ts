import type { ResourceDocument } from '../documents/reading.ts'
import { kindOf } from '../kinds/registry.ts'
import { referencesOf } from '../references/references-of.ts'
import { derivesStatus } from './derive-status.ts'
import type { Neighbours } from './neighbours.ts'

/** One step from a changed object to objects whose derived status depends on it. */
interface Step {
  /** `referrers`: objects of the kind that refer to it; `targets`: those it refers to; `same-name`: the one of its name. */
  readonly to: 'referrers' | 'targets' | 'same-name'
  readonly kind: string
  /** The ways on from there. */
  readonly onward?: readonly Step[]
  /** The status there only counts who refers to it: it cannot change while references stay. */
  readonly counts?: true
}

const referrers = (kind: string, onward: readonly Step[] = []): Step => ({ to: 'referrers', kind, onward })
const targets = (kind: string, onward: readonly Step[] = []): Step => ({ to: 'targets', kind, onward })
const counted = (kind: string): Step => ({ to: 'targets', kind, counts: true })

const VPC_USERS = [referrers('VPCPeering'), referrers('ExternalPeering')]
const CONNECTION_USERS = [
  referrers('VPCAttachment', [targets('VPC', VPC_USERS)]),
  referrers('ExternalAttachment', [targets('External', [referrers('ExternalPeering')])]),
]
const SWITCH_USERS = [referrers('Connection', [targets('Server'), ...CONNECTION_USERS])]

/** Per changed kind the ways to what depends on it. A kind that is not named affects at most itself. */
const STEPS: Readonly<Record<string, readonly Step[]>> = {
  Agent: [{ to: 'same-name', kind: 'Switch', onward: SWITCH_USERS }],
  Switch: [{ to: 'same-name', kind: 'Agent' }, ...SWITCH_USERS, counted('SwitchGroup'), counted('VLANNamespace')],
  Server: [referrers('Connection', CONNECTION_USERS)],
  Connection: [targets('Switch', [{ to: 'same-name', kind: 'Agent' }]), targets('Server'), ...CONNECTION_USERS],
  VPC: [referrers('VPCAttachment'), ...VPC_USERS, counted('IPv4Namespace'), counted('VLANNamespace')],
  VPCAttachment: [targets('VPC', VPC_USERS)],
  External: [referrers('ExternalAttachment'), referrers('ExternalPeering'), counted('IPv4Namespace')],
  ExternalAttachment: [targets('External', [referrers('ExternalPeering')])],
}

/** Which object, within one fabric. */
export interface AffectedObject {
  readonly group: string
  readonly kind: string
  readonly name: string
}

/** The kinds whose derived status can change when an object of this kind changes, itself included where it has one. */
export function affectedBy(kind: string): readonly string[] {
  const kinds = new Set<string>(derivesStatus(kind) ? [kind] : [])
  const walk = (steps: readonly Step[]): void => {
    for (const step of steps) {
      kinds.add(step.kind)
      walk(step.onward ?? [])
    }
  }
  walk(Object.hasOwn(STEPS, kind) ? (STEPS[kind] ?? []) : [])
  return [...kinds]
}

/**
 * The objects whose derived status may change when this one was put, deleted or signalled, itself included; they
 * need not exist. `document` is what it refers to: when a put changes its references, ask with the document before
 * as well, and of a deleted object with its last one. `change.references` false: its references stayed as they were.
 */
export function affectedObjects(
  kind: string,
  name: string,
  document: ResourceDocument,
  neighbours: Neighbours,
  change: { readonly references: boolean } = { references: true },
): readonly AffectedObject[] {
  const found = new Map<string, AffectedObject>()
  const walked = new Set<string>()
  const add = (ofKind: string, ofName: string): void => {
    const group = kindOf(ofKind)?.group
    if (group !== undefined) found.set(`${ofKind}/${ofName}`, { group, kind: ofKind, name: ofName })
  }
  const walk = (fromKind: string, fromName: string, from: ResourceDocument, steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.counts === true && !change.references) continue
      for (const next of reached(step, fromKind, fromName, from, neighbours)) {
        add(step.kind, next.name)
        const key = `${step.kind}/${next.name}`
        if (step.onward === undefined || step.onward.length === 0 || walked.has(key)) continue
        walked.add(key)
        walk(step.kind, next.name, next.document, step.onward)
      }
    }
  }
  if (derivesStatus(kind)) add(kind, name)
  walk(kind, name, document, Object.hasOwn(STEPS, kind) ? (STEPS[kind] ?? []) : [])
  return [...found.values()]
}

interface Reached {
  readonly name: string
  readonly document: ResourceDocument
}

function reached(step: Step, kind: string, name: string, document: ResourceDocument, neighbours: Neighbours): readonly Reached[] {
  if (step.to === 'referrers') return neighbours.referrers(kind, name, step.kind)
  const lookUp = (target: string): Reached => ({ name: target, document: neighbours.get(step.kind, target)?.document ?? {} })
  if (step.to === 'same-name') return [lookUp(name)]
  const names = new Set(referencesOf(kind, document).flatMap((reference) => (reference.kind === step.kind ? [reference.name] : [])))
  return [...names].map(lookUp)
}
