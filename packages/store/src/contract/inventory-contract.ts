import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ListQuery } from '@binnacle/protocol'
import { createHash } from 'node:crypto'
import { GROUP, SCOPE, T0, gone, keyOf, listAllEmpty, listed, put, type ContractSubject, type OpenSubject } from './subject.ts'

/** Registers the tests that every inventory has to pass: what the tables answer. */
export function inventoryContract(name: string, open: OpenSubject): void {
  describe(`the inventory of ${name}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.dispose())
    const write = (...facts: Parameters<typeof subject.store.facts.write>[0]) => subject.store.facts.write(facts)
    const list = (more: Partial<ListQuery> = {}) =>
      subject.store.inventory.list({ scopes: [SCOPE], group: GROUP, kind: 'Probe', limit: 100, ...more })
    const names = async (more: Partial<ListQuery> = {}) => (await list(more)).rows.map(({ key }) => key.name)

    test('[ST22] every answer says at which position it was true, and that is never before what was acknowledged', async () => {
      await listAllEmpty(subject.store)
      for (let round = 1; round <= 20; round += 1) {
        const { head } = await write(put('Probe', 'a', { size: round }, { version: String(round) }))
        const { epoch } = subject.store.log.state()
        const answers = await Promise.all([
          list(),
          subject.store.inventory.get(keyOf('Probe', 'a')),
          subject.store.inventory.counts(SCOPE),
          subject.store.inventory.references(keyOf('Probe', 'a')),
          subject.store.inventory.versions(keyOf('Probe', 'a'), 5),
          subject.store.inventory.documents(SCOPE, [{ group: GROUP, kind: 'Probe' }], 5),
          subject.store.inventory.digest(SCOPE, GROUP, 'Probe'),
        ])
        for (const { at } of answers) expect(at).toEqual({ epoch, seq: head })
        expect(answers[0].rows[0]?.row['size']).toBe(round)
      }
    })

    test('[ST22] rows and position belong together while others write', async () => {
      await listAllEmpty(subject.store)
      const writing = (async () => {
        for (let round = 1; round <= 200; round += 1) await write(put('Probe', 'a', { size: round }, { version: String(round) }))
      })()
      let reads = 0
      for (let last = 0; last < 200; reads += 1) {
        const { at, rows } = await list()
        last = at.seq
        // Each round is exactly one event, so the row that belongs to a position is known.
        expect(rows[0]?.row['size'] ?? 0).toBe(at.seq)
      }
      await writing
      expect(reads).toBeGreaterThan(0)
    })

    const colours = ['red', 'green', null, 'blue']
    const fill = () =>
      write(
        ...listed(
          'Probe',
          Array.from({ length: 57 }, (_, index) =>
            put('Probe', `p${String(index).padStart(2, '0')}`, {
              colour: colours[index % 4] ?? null,
              size: index % 5 === 0 ? null : (index * 7) % 11,
            }),
          ),
        ),
      )

    test.each([
      ['name', false],
      ['name', true],
      ['colour', false],
      ['colour', true],
      ['size', false],
      ['size', true],
    ] as const)(
      '[ST23] pages by %s (descending: %s) show every row exactly once, in order, with ties and empty values',
      async (column, descending) => {
        await fill()
        const whole = await list({ sort: { column, descending } })
        const paged: string[] = []
        let cursor: string | null = null
        do {
          const page: Awaited<ReturnType<typeof list>> = await list({
            sort: { column, descending },
            limit: 7,
            ...(cursor === null ? {} : { cursor }),
          })
          expect(page.total).toBe(57)
          paged.push(...page.rows.map(({ key }) => key.name))
          cursor = page.cursor
        } while (cursor !== null)
        expect(paged).toEqual(whole.rows.map(({ key }) => key.name))
        expect(new Set(paged).size).toBe(57)
        const values = whole.rows
          .map(({ key, row }) => (column === 'name' ? key.name : (row[column] ?? null)))
          .filter((value) => value !== null)
        const ordered = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        expect(values).toEqual(descending ? ordered.reverse() : ordered)
      },
    )

    test('[ST24] a column that the kind does not have is refused by name, and so is a foreign cursor', async () => {
      await fill()
      await expect(list({ sort: { column: 'nosuch', descending: false } })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringContaining('nosuch') as string,
      })
      for (const column of [`size'); DROP TABLE objects; --`, '$', 'doc', 'a"b', 'hash', '']) {
        await expect(list({ sort: { column, descending: false } }), column).rejects.toMatchObject({ code: 'BAD_REQUEST' })
      }
      for (const cursor of [
        '',
        '%',
        'AAAA',
        Buffer.from('{"v":1}').toString('base64url'),
        Buffer.from('{"v":{"$":1},"n":"a","i":1}').toString('base64url'),
        Buffer.from(`["' OR 1=1"]`).toString('base64url'),
      ]) {
        await expect(list({ cursor }), cursor).rejects.toMatchObject({ code: 'BAD_CURSOR' })
      }
      expect((await list()).total).toBe(57)
    })

    test('[ST25] a search is literal text, in names and in columns, without regard to case', async () => {
      const texts = ['plain', '100%_done', 'a"b OR c*', 'NEAR(x, y)', "it's", '日本語テスト', 'UPPER Case', 'x-y:z^2']
      await write(
        ...listed(
          'Probe',
          texts.map((colour, index) => put('Probe', `name-${index}`, { colour })),
        ),
      )
      for (const [index, text] of texts.entries()) expect(await names({ q: text }), text).toEqual([`name-${index}`])
      expect(await names({ q: 'upper case' })).toEqual(['name-6'])
      expect(await names({ q: 'name-3' })).toEqual(['name-3'])
      expect(await names({ q: 'NAME-' })).toHaveLength(8)
      for (const q of ['%%%', '___', '***', '"""', 'plain OR upper', 'pl*in', '\\\\\\']) expect(await names({ q }), q).toEqual([])
      expect(await names({ q: '-3' })).toEqual(['name-3'])
      expect(await names({ q: '%' })).toEqual([])
      expect((await list({ q: 'name-', limit: 3 })).total).toBe(8)
    })

    test('[ST25] a search follows changes: what was renamed or deleted is not found any more', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'a', { colour: 'crimson' }), put('Probe', 'b', { colour: 'crimson' }))
      await write(put('Probe', 'a', { colour: 'turquoise' }, { version: '2' }), gone('Probe', 'b'))
      expect([await names({ q: 'crimson' }), await names({ q: 'turquoise' })]).toEqual([[], ['a']])
    })

    test('[ST26] counts are per kind with health; a list filters by status and health and spans scopes', async () => {
      await write(
        ...listed('Probe', [put('Probe', 'on', { on: true }), put('Probe', 'off', { on: false })]),
        ...listed('Lamp', [
          put('Lamp', 'l1', { refs: ['Probe/on'] }),
          put('Lamp', 'l2', { refs: ['Probe/off'] }),
          put('Lamp', 'l3', { refs: ['Probe/on'] }),
          put('Lamp', 'l4'),
        ]),
      )
      await write(put('Lamp', 'other', {}, { scope: 'fabric/2' }))
      const { kinds } = await subject.store.inventory.counts(SCOPE)
      expect(kinds.find(({ kind }) => kind === 'Lamp')).toMatchObject({
        objects: 4,
        listed: true,
        byHealth: { healthy: 2, failed: 1, unknown: 1 },
      })
      expect(await names({ kind: 'Lamp', status: 'healthy' })).toEqual(['l1', 'l3'])
      expect(await names({ kind: 'Lamp', status: 'dark' })).toEqual(['l2'])
      expect(await names({ kind: 'Lamp', scopes: [SCOPE, 'fabric/2'] })).toEqual(['l1', 'l2', 'l3', 'l4', 'other'])
      expect(await names({ kind: 'Lamp', scopes: [] })).toEqual([])
    })

    test('[ST27] references are told both ways; what is referred to but not there is named as missing', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'p', { on: true }), put('Lamp', 'l', { refs: ['Probe/p', 'Probe/nowhere'] }))
      const lamp = await subject.store.inventory.references(keyOf('Lamp', 'l'))
      expect(Object.fromEntries(lamp.outgoing.map(({ key, exists }) => [key.name, exists]))).toEqual(
        Object.fromEntries([
          ['nowhere', false],
          ['p', true],
        ]),
      )
      expect(lamp.incoming).toEqual([])
      const probe = await subject.store.inventory.references(keyOf('Probe', 'p'))
      expect(probe.incoming).toMatchObject([{ role: 'part', key: keyOf('Lamp', 'l'), exists: true, derived: { status: 'unknown' } }])
      // Also from the side of the missing object, which has no row.
      expect((await subject.store.inventory.references(keyOf('Probe', 'nowhere'))).incoming).toMatchObject([{ key: { name: 'l' } }])
      await write(put('Lamp', 'l', { refs: ['Probe/p'] }, { version: '2' }))
      expect((await subject.store.inventory.references(keyOf('Probe', 'nowhere'))).incoming).toEqual([])
    })

    test('[ST28] versions tell what an object was at each change, newest first, its end included', async () => {
      await listAllEmpty(subject.store)
      const heads: number[] = []
      for (const size of [1, 2, 3]) heads.push((await write(put('Probe', 'a', { size }, { version: String(size) }))).head)
      heads.push((await write(gone('Probe', 'a', { version: '4' }))).head)
      const { versions } = await subject.store.inventory.versions(keyOf('Probe', 'a'), 10)
      expect(
        versions.map(({ seq, document }) => [
          seq,
          document === null ? null : (JSON.parse(document) as { spec: { size: number } }).spec.size,
        ]),
      ).toEqual([4, 3, 2, 1].map((index) => [heads[index - 1], index === 4 ? null : index]))
      expect((await subject.store.inventory.versions(keyOf('Probe', 'a'), 2)).versions.map(({ seq }) => seq)).toEqual([heads[3], heads[2]])
    })

    test('[ST29] an object comes back as it was put, byte for byte', async () => {
      const document = '{"metadata":{"creationTimestamp":"2025-12-24T18:00:00Z"},"spec":{"text":"ü\\u0000 \\"x\\"","size":1}}'
      await write({ ...put('Probe', 'a'), document })
      const { object } = await subject.store.inventory.get(keyOf('Probe', 'a'))
      expect(object).toMatchObject({
        document,
        uid: 'uid-a',
        version: '1',
        createdAt: '2025-12-24T18:00:00Z',
        changedAt: T0,
        row: { size: 1 },
      })
      const { objects } = await subject.store.inventory.documents(
        SCOPE,
        [
          { group: GROUP, kind: 'Probe' },
          { group: GROUP, kind: 'Lamp' },
        ],
        10,
      )
      expect(objects).toEqual([object])
      expect((await subject.store.inventory.get(keyOf('Probe', 'b'))).object).toBeNull()
    })

    test('[ST30] the digest of a kind is the same for the same objects, whatever way they came', async () => {
      await listAllEmpty(subject.store)
      const empty = await subject.store.inventory.digest(SCOPE, GROUP, 'Probe')
      expect(empty).toMatchObject({ objects: 0, digest: createHash('sha256').update('').digest('hex') })
      await write(put('Probe', 'b', { size: 2 }), put('Probe', 'a', { size: 9 }))
      await write(put('Probe', 'a', { size: 1 }, { version: '2' }))
      const one = await subject.store.inventory.digest(SCOPE, GROUP, 'Probe')
      const other = await open()
      try {
        await other.store.facts.write(listed('Probe', [put('Probe', 'a', { size: 1 }), put('Probe', 'b', { size: 2 })]))
        expect((await other.store.inventory.digest(SCOPE, GROUP, 'Probe')).digest).toBe(one.digest)
        await other.store.facts.write([put('Probe', 'b', { size: 3 }, { version: '2' })])
        expect((await other.store.inventory.digest(SCOPE, GROUP, 'Probe')).digest).not.toBe(one.digest)
      } finally {
        await other.dispose()
      }
    })
  })
}
