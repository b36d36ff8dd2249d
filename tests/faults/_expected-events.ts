import type { BinnacleEvent } from '@binnacle/protocol'
import type { ListedObject, MadeChange } from './_fault-fabric.ts'

const line = (...parts: readonly string[]): string => parts.join(' ')

/** Each version that the server made, as the event that tells it, per kind in order. */
export const versionsMade = (made: readonly MadeChange[], kind: string): string[] =>
  made.filter((change) => change.kind === kind).map(({ type, name, uid, version }) => line(type, name, uid, version))

/** The events of a kind in order. */
export const versionsTold = (events: readonly BinnacleEvent[], kind: string): string[] =>
  events
    .filter(({ subject }) => subject?.kind === kind)
    .map(({ event_type, subject, data }) => line(event_type, subject?.name ?? '', subject?.uid ?? '', String(data['resource_version'])))

/**
 * What a listing after a gap must tell: one event per object whose end state differs. One that was deleted and made
 * again (another uid) is two. Deletions name the version we knew.
 */
export function differences(before: readonly ListedObject[], after: readonly ListedObject[]): string[] {
  const old = new Map(before.map((object) => [object.name, object]))
  const now = new Map(after.map((object) => [object.name, object]))
  const lines: string[] = []
  for (const [name, { uid, version }] of old) if (now.get(name)?.uid !== uid) lines.push(line('cr_deleted', name, uid, version))
  for (const [name, { uid, version }] of now) {
    const known = old.get(name)
    if (known?.uid !== uid) lines.push(line('cr_created', name, uid, version))
    else if (known.version !== version) lines.push(line('cr_updated', name, uid, version))
  }
  return lines.toSorted()
}
