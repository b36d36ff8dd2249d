import type {
  AccountStore,
  AuditLog,
  BinnacleEvent,
  EventLog,
  FabricStore,
  Fact,
  FactSink,
  GoneFact,
  Inventory,
  ListingFact,
  NoteFact,
  ObjectKey,
  PutFact,
  Scope,
  SignalFact,
  StoreControl,
} from '@binnacle/protocol'
import type { TestDocument } from './test-projector.ts'

/** The ports that an implementation of the store has to serve. */
export interface ContractStore {
  readonly facts: FactSink
  readonly log: EventLog
  readonly inventory: Inventory
  readonly accounts: AccountStore
  readonly audit: AuditLog
  readonly fabrics: FabricStore
  readonly control: StoreControl
}

/** An implementation under test: an empty store that can be closed and opened again with what it kept. */
export interface ContractSubject {
  readonly store: ContractStore
  /** Closes and opens again; `store` of the answer is the one to use from then on. */
  reopen(): Promise<ContractSubject>
  /** Closes and removes everything. */
  dispose(): Promise<void>
}

/** Makes an empty store whose writer uses {@link TEST_PROJECTOR}. */
export type OpenSubject = () => Promise<ContractSubject>

/** The module of the projector that every subject loads. */
export const TEST_PROJECTOR = new URL('./test-projector.ts', import.meta.url)

/** A fabric of the suites. */
export const SCOPE: Scope = 'fabric/1'
/** The group of the suites' kinds. */
export const GROUP = 'contract.test'
/** 2026-01-01T00:00:00Z in milliseconds: the suites' time starts here. */
export const T0 = 1_767_225_600_000

/** The key of an object of the suites. */
export const keyOf = (kind: string, name: string, scope: Scope = SCOPE): ObjectKey => ({
  scope,
  group: GROUP,
  kind,
  namespace: 'default',
  name,
})

/** A put. Without `uid` the name serves as one; without `version` 1. */
export function put(
  kind: string,
  name: string,
  spec: TestDocument['spec'] = {},
  more: Partial<Pick<PutFact, 'uid' | 'version' | 'listing' | 'quiet' | 'observedAt'>> & { readonly scope?: Scope } = {},
): PutFact {
  const { scope = SCOPE, ...rest } = more
  return {
    fact: 'put',
    key: keyOf(kind, name, scope),
    uid: `uid-${name}`,
    version: '1',
    document: JSON.stringify({ spec }),
    observedAt: T0,
    ...rest,
  }
}

/** A deletion told by the source. */
export const gone = (kind: string, name: string, more: Partial<Pick<GoneFact, 'uid' | 'version' | 'observedAt'>> = {}): GoneFact => ({
  fact: 'gone',
  key: keyOf(kind, name),
  observedAt: T0,
  ...more,
})

/** One phase of a listing. */
export const listing = (
  kind: string,
  phase: ListingFact['phase'],
  id: string,
  more: Partial<Pick<ListingFact, 'count' | 'version' | 'observedAt' | 'keep'>> & { readonly scope?: Scope } = {},
): ListingFact => {
  const { scope = SCOPE, ...rest } = more
  return { fact: 'listing', phase, scope, group: GROUP, kind, listing: id, reason: 'start', observedAt: T0, ...rest }
}

/** A complete listing of a kind. */
export const listed = (kind: string, puts: readonly PutFact[], id = `list-${kind}`): Fact[] => [
  listing(kind, 'begin', id),
  ...puts.map((fact) => ({ ...fact, listing: id })),
  listing(kind, 'end', id, { count: puts.length, version: '100' }),
]

/** A note; `n` tells notes apart. */
export const note = (n: number, more: Partial<NoteFact['event']> = {}): NoteFact => ({
  fact: 'note',
  event: { event_type: 'sync_progress', scope: SCOPE, subject: null, data: { n }, observedAt: T0 + n, source: 'contract', ...more },
})

/** A signal. */
export const signal = (kind: string, name: string, value: string): SignalFact => ({
  fact: 'signal',
  key: keyOf(kind, name),
  name: 'pulse',
  value,
  since: T0,
  observedAt: T0,
})

/** Lists the three kinds as empty, so that what follows is told as events. */
export async function listAllEmpty(store: ContractStore): Promise<void> {
  await store.facts.write(['Probe', 'Lamp', 'Panel'].flatMap((kind) => listed(kind, [])))
}

/** Every event of the log after `from`, parsed, oldest first. */
export async function eventsAfter(store: ContractStore, from = 0): Promise<BinnacleEvent[]> {
  const { epoch } = store.log.state()
  const events: BinnacleEvent[] = []
  for (let seq = from; ;) {
    const page = await store.log.read({ epoch, seq }, { filter: {} }, { limit: 500 })
    if (page.lost !== undefined) throw new Error(`lost: ${page.lost}`)
    events.push(...page.entries.map(({ text }) => JSON.parse(text) as BinnacleEvent))
    seq = page.next
    if (seq >= page.head) return events
  }
}

/** Events as short lines: `cr_created Lamp/a`. */
export const brief = (events: readonly BinnacleEvent[]): string[] =>
  events.map(({ event_type: type, subject, data }) => {
    const change = type === 'cr_status_changed' ? ` ${String(data['before'])}→${String(data['after'])}` : ''
    return subject === null ? type : `${type} ${subject.kind}/${subject.name}${change}`
  })

/** Waits for a condition; fails with `what` after `deadlineMs`. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
