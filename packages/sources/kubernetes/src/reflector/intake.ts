import { BinnacleError, causeOf, type Clock, type Fact, type ObjectKey, type Scope } from '@binnacle/protocol'
import type { WantedKind } from '../discovery/served-kind.ts'

/** What the boundary makes of an object: only this goes on. */
export interface CutObject {
  readonly document: object
  /** Readings that live in memory only. */
  readonly volatile?: Readonly<Record<string, unknown>>
  /** Versions of this kind also move for volatile reasons. */
  readonly quiet?: boolean
  /** Paths that were cut by name, for kinds that configuration added. */
  readonly cutPaths?: readonly string[]
}

/** Decides what may leave an object; handed in. */
export type Cut = (kind: string, group: string, object: Record<string, unknown>) => CutObject

/** What is needed to take objects in. */
export interface IntakeOptions {
  readonly scope: Scope
  readonly kind: WantedKind
  readonly cut: Cut
  readonly clock: Clock
  readonly onVolatile: (key: ObjectKey, values: Record<string, unknown>, observedAt: number) => void
}

/** An object that could be read. */
export interface Taken {
  readonly key: ObjectKey
  readonly uid: string
  readonly version: string
  readonly object: Record<string, unknown>
}

type Map = Record<string, unknown>
const isMap = (value: unknown): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The name of an object of which only a beginning is at hand, as far as it can be told. */
export function namedIn(hint: string): { readonly namespace: string; readonly name: string } | undefined {
  const name = /"name":"([^"\\]{1,253})"/.exec(hint)?.[1]
  return name === undefined ? undefined : { namespace: /"namespace":"([^"\\]{1,253})"/.exec(hint)?.[1] ?? '', name }
}

/** The version travels beside the document and managedFields never do, whatever the boundary let through. */
function withoutServerFields(document: object): void {
  const { metadata } = document as { metadata?: unknown }
  if (!isMap(metadata)) return
  delete metadata['managedFields']
  delete metadata['resourceVersion']
}

/** Turns objects of one kind into facts, at the watch boundary: what is not taken here goes nowhere. */
export class Intake {
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Identity of an object; throws OBJECT_MALFORMED when it has none, or is of another kind. */
  take(value: unknown): Taken {
    const { scope, kind } = this.#options
    const malformed = (why: string): BinnacleError => new BinnacleError('OBJECT_MALFORMED', `a ${kind.kind} ${why}`)
    if (!isMap(value)) throw malformed('is not a map')
    const metadata = value['metadata']
    if (!isMap(metadata)) throw malformed('has no metadata')
    const { name, namespace, uid, resourceVersion } = metadata
    if (typeof name !== 'string' || name === '' || name.length > 1_024) throw malformed('has no name')
    if (typeof uid !== 'string' || uid === '' || uid.length > 128) throw malformed(`'${name}' has no uid`)
    if (typeof resourceVersion !== 'string' || resourceVersion === '') throw malformed(`'${name}' has no resourceVersion`)
    if (value['kind'] !== undefined && value['kind'] !== kind.kind) throw malformed(`'${name}' says it is of another kind`)
    const apiVersion = value['apiVersion']
    if (apiVersion !== undefined && apiVersion !== (kind.group === '' ? kind.version : `${kind.group}/${kind.version}`))
      throw malformed(`'${name}' says it is of another group or version`)
    return {
      key: { scope, group: kind.group, kind: kind.kind, namespace: typeof namespace === 'string' ? namespace : '', name },
      uid,
      version: resourceVersion,
      object: value,
    }
  }

  /** The fact of an object that is there. Volatile readings are told apart and never become part of it. */
  put(taken: Taken, listing: string | undefined): Fact {
    const { kind, cut, clock, onVolatile } = this.#options
    const { document, volatile, quiet } = cut(kind.kind, kind.group, taken.object)
    withoutServerFields(document)
    const observedAt = clock.now()
    if (volatile !== undefined) onVolatile(taken.key, { ...volatile }, observedAt)
    return {
      fact: 'put',
      key: taken.key,
      uid: taken.uid,
      version: taken.version,
      document: JSON.stringify(document),
      observedAt,
      ...(quiet === true ? { quiet } : {}),
      ...(listing === undefined ? {} : { listing }),
    }
  }

  gone(taken: Taken): Fact {
    return { fact: 'gone', key: taken.key, uid: taken.uid, version: taken.version, observedAt: this.#options.clock.now() }
  }

  /** The visible mark of an object that was set aside. `hint` is the beginning of what came, to name it by. */
  setAside(error: BinnacleError, hint: string): Extract<Fact, { readonly fact: 'note' }> {
    const { scope, kind, clock } = this.#options
    const { name } = namedIn(hint) ?? { name: '(unreadable)' }
    return {
      fact: 'note',
      event: {
        event_type: 'cr_quarantined',
        scope,
        subject: { group: kind.group, kind: kind.kind, name },
        data: { cause: causeOf(error) },
        observedAt: clock.now(),
        source: 'kubernetes_watch',
      },
    }
  }
}
