import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '@binnacle/protocol'
import { GROUP, SCOPE, brief, eventsAfter, gone, listing, put, type ContractSubject, type OpenSubject } from './subject.ts'

/** What the model keeps of an object. */
interface Kept {
  readonly uid: string
  readonly version: number
  readonly size: number
}

/** The rules of facts, as plainly as they can be written: objects, whether the kind was listed, and the events to expect. */
class Model {
  readonly objects = new Map<string, Kept>()
  listed = false
  readonly events: string[] = []

  put(name: string, next: Kept): void {
    const before = this.objects.get(name)
    if (before?.uid === next.uid && before.version === next.version && before.size === next.size) return
    if (before !== undefined && before.uid !== next.uid) this.#tell(`cr_deleted Probe/${name}`)
    this.#tell(`${before?.uid === next.uid ? 'cr_updated' : 'cr_created'} Probe/${name}`)
    this.objects.set(name, next)
  }

  gone(name: string, uid: string): void {
    if (this.objects.get(name)?.uid !== uid) return
    this.objects.delete(name)
    this.#tell(`cr_deleted Probe/${name}`)
  }

  /** A complete listing; the puts came before the sweep. */
  list(named: ReadonlyMap<string, Kept>): void {
    for (const [name, next] of named) this.put(name, next)
    for (const name of [...this.objects.keys()].filter((each) => !named.has(each)).sort()) {
      this.objects.delete(name)
      this.#tell(`cr_deleted Probe/${name}`)
    }
    this.listed = true
  }

  #tell(line: string): void {
    if (this.listed) this.events.push(line)
  }
}

const NAMES = ['a', 'b', 'c', 'd']
const name = fc.constantFrom(...NAMES)
const kept = fc.record({ uid: fc.constantFrom('u1', 'u2'), version: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 2 }) })
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), name, kept }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('gone' as const), name, uid: fc.constantFrom('u1', 'u2') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('list' as const, 'abort' as const, 'miscount' as const, 'cut' as const),
      objects: fc.dictionary(name, kept),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

const putOf = (of: string, { uid, version, size }: Kept, id?: string): Fact =>
  put('Probe', of, { size }, { uid, version: String(version), ...(id === undefined ? {} : { listing: id }) })

/** Registers a test that runs random sequences of facts, listings and restarts against a model of the rules. */
export function modelContract(of: string, open: OpenSubject): void {
  describe(`random facts into ${of}`, () => {
    test('[ST49] rows and events are as the rules say, for any sequence of puts, deletions, listings whole and broken, and restarts', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
          let subject: ContractSubject = await open()
          const model = new Model()
          try {
            for (const [index, each] of steps.entries()) {
              const id = `l${index}`
              const write = (...facts: Fact[]) => subject.store.facts.write(facts)
              if (each.do === 'put') {
                await write(putOf(each.name, each.kept))
                model.put(each.name, each.kept)
              } else if (each.do === 'gone') {
                await write(gone('Probe', each.name, { uid: each.uid }))
                model.gone(each.name, each.uid)
              } else if (each.do === 'restart') subject = await subject.reopen()
              else {
                const named = new Map(Object.entries(each.objects))
                await write(listing('Probe', 'begin', id))
                for (const [named1, value] of named) await write(putOf(named1, value, id))
                if (each.do === 'list') {
                  await write(listing('Probe', 'end', id, { count: named.size }))
                  model.list(named)
                } else {
                  // A broken listing has told its puts; what it did not name stays.
                  for (const [named1, value] of named) model.put(named1, value)
                  if (each.do === 'abort') await write(listing('Probe', 'abort', id))
                  if (each.do === 'miscount')
                    await expect(write(listing('Probe', 'end', id, { count: named.size + 1 }))).rejects.toMatchObject({ code: 'CONFLICT' })
                }
              }
            }
            const { rows } = await subject.store.inventory.list({ scopes: [SCOPE], group: GROUP, kind: 'Probe', limit: 100 })
            expect(
              Object.fromEntries(
                rows.map(({ key, uid, version, row }) => [key.name, { uid, version: Number(version), size: row['size'] }]),
              ),
            ).toEqual(Object.fromEntries(model.objects))
            const told = await eventsAfter(subject.store)
            expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1))
            // A sweep tells its deletions in no promised order.
            expect(sweepsSorted(brief(told))).toEqual(sweepsSorted(model.events))
            const { kinds } = await subject.store.inventory.counts(SCOPE)
            expect(kinds.find(({ kind }) => kind === 'Probe')?.listed ?? false).toBe(model.listed)
          } finally {
            await subject.dispose()
          }
        }),
        { numRuns: 25 },
      )
    }, 120_000)
  })
}

/** Sorts runs of neighbouring deletions. */
function sweepsSorted(lines: readonly string[]): string[] {
  const out: string[] = []
  let run: string[] = []
  for (const line of [...lines, '']) {
    if (line.startsWith('cr_deleted')) run.push(line)
    else {
      out.push(...run.sort(), line)
      run = []
    }
  }
  return out
}
