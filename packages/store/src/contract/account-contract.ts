import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiToken, AuditEntry, ClusterSecret, FabricRecord, SignIn, User } from '@binnacle/protocol'
import { T0, type ContractSubject, type OpenSubject } from './subject.ts'

const userNamed = (name: string, more: Partial<User> = {}): User => ({
  id: `id-${name}`,
  name,
  displayName: name.toUpperCase(),
  disabled: false,
  createdAt: T0,
  rightsVersion: 1,
  grants: [{ role: 'viewer', scope: '*' }],
  passwordHash: null,
  ...more,
})

const signInOf = (userId: string, id: string): SignIn => ({
  id,
  userId,
  createdAt: T0,
  expiresAt: T0 + 1_000,
  refreshHash: `hash-${id}`,
  previousHash: null,
  rotatedAt: T0,
  endedAt: null,
  userAgent: 'test',
  address: '127.0.0.1',
})

const tokenOf = (userId: string, id: string): ApiToken => ({
  id,
  userId,
  name: id,
  hash: `hash-${id}`,
  grants: [{ role: 'producer', scope: 'runs/a' }],
  createdAt: T0,
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
})

/** A fabric of the suites. */
export const fabricNamed = (name: string, server = 'https://127.0.0.1:6443'): Omit<FabricRecord, 'id' | 'hasSecret'> => ({
  name,
  description: '',
  enabled: true,
  connection: { type: 'url', server, ca: null, insecure: false, tls_server_name: null, path: null, context: null, credential: 'token' },
  settings: { disabled_kinds: [], extra_resources: [], stall_deadline_seconds: 90, heartbeat_deadline_seconds: 60, namespace: 'default' },
  origin: 'api',
  createdAt: T0,
  updatedAt: T0,
})

const entry = (n: number): AuditEntry => ({
  at: T0 + n,
  actor: 'anna',
  action: 'fabric.create',
  target: `fabric/${n}`,
  outcome: 'ok',
  address: '127.0.0.1',
  detail: { n, text: 'ü"\\' },
})

/** Registers the tests that every account store, audit log and fabric store has to pass. */
export function accountContract(name: string, open: OpenSubject): void {
  describe(`accounts of ${name}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.dispose())

    test('[ST31] a name is one account in whatever way it is typed', async () => {
      const { accounts } = subject.store
      await accounts.createUser(userNamed('Anna'))
      for (const typed of ['anna', 'ANNA', ' Anna ', 'Ａｎｎａ']) expect((await accounts.userByName(typed))?.id, typed).toBe('id-Anna')
      await expect(accounts.createUser(userNamed('aNNA', { id: 'other' }))).rejects.toMatchObject({ code: 'CONFLICT' })
      await expect(accounts.createUser(userNamed('bert', { id: 'id-Anna' }))).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(await accounts.users()).toEqual([userNamed('Anna')])
      expect(await accounts.userByName("' OR 1=1 --")).toBeUndefined()
    })

    test('[ST32] every change of an account raises the version of its rights', async () => {
      const { accounts } = subject.store
      await accounts.createUser(userNamed('anna'))
      const disabled = await accounts.updateUser('id-anna', { disabled: true })
      expect(disabled).toEqual({ ...userNamed('anna'), disabled: true, rightsVersion: 2 })
      const granted = await accounts.updateUser('id-anna', { grants: [], passwordHash: 'x', displayName: 'A' })
      expect(granted).toMatchObject({ disabled: true, rightsVersion: 3, grants: [], passwordHash: 'x', displayName: 'A' })
      await expect(accounts.updateUser('nobody', { disabled: true })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      subject = await subject.reopen()
      expect(await subject.store.accounts.userById('id-anna')).toEqual(granted)
    })

    test('[ST33] a refresh token is exchanged once, however many try at the same time', async () => {
      const { accounts } = subject.store
      await accounts.createUser(userNamed('anna'))
      await accounts.createSignIn(signInOf('id-anna', 's1'))
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => accounts.rotateSignIn('s1', 'hash-s1', `new-${index}`, T0 + 1)),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await accounts.signIn('s1')).toMatchObject({
        previousHash: 'hash-s1',
        refreshHash: `new-${answers.indexOf(true)}`,
        rotatedAt: T0 + 1,
      })
      expect(await accounts.endSignIns({ id: 's1' }, T0 + 2)).toEqual(['s1'])
      expect(await accounts.rotateSignIn('s1', `new-${answers.indexOf(true)}`, 'later', T0 + 3)).toBe(false)
      expect((await accounts.signIn('s1'))?.endedAt).toBe(T0 + 2)
    })

    test('[ST33] sign-ins end one by one, by user, and with their account; never all by an empty condition', async () => {
      const { accounts } = subject.store
      for (const who of ['anna', 'bert']) await accounts.createUser(userNamed(who))
      for (const [who, id] of [
        ['anna', 'a1'],
        ['anna', 'a2'],
        ['anna', 'a3'],
        ['bert', 'b1'],
      ] as const)
        await accounts.createSignIn(signInOf(`id-${who}`, id))
      expect(await accounts.endSignIns({ id: 'a1' }, T0)).toEqual(['a1'])
      const idsOf = async (userId?: string) => (await accounts.signIns(userId)).map(({ id }) => id).sort()
      expect([await idsOf(), await idsOf('id-anna'), await idsOf('id-nobody')]).toEqual([['a2', 'a3', 'b1'], ['a2', 'a3'], []])
      expect([...(await accounts.endSignIns({ userId: 'id-anna' }, T0))].sort()).toEqual(['a2', 'a3'])
      expect(await accounts.endSignIns({}, T0)).toEqual([])
      expect((await accounts.signIn('b1'))?.endedAt).toBeNull()
      await accounts.createToken(tokenOf('id-bert', 't1'))
      await accounts.deleteUser('id-bert')
      expect([await accounts.signIn('b1'), await accounts.tokenByHash('hash-t1')]).toEqual([undefined, undefined])
    })

    test('[ST34] a token is found by its hash and stays revoked at its first revocation', async () => {
      const { accounts } = subject.store
      await accounts.createUser(userNamed('anna'))
      await accounts.createToken(tokenOf('id-anna', 't1'))
      await accounts.touchToken('t1', T0 + 5)
      expect(await accounts.tokenByHash('hash-t1')).toEqual({ ...tokenOf('id-anna', 't1'), lastUsedAt: T0 + 5 })
      await accounts.revokeToken('t1', T0 + 6)
      await accounts.revokeToken('t1', T0 + 9)
      expect((await accounts.tokens()).map(({ revokedAt }) => revokedAt)).toEqual([T0 + 6])
      expect(await accounts.tokenByHash('hash-t2')).toBeUndefined()
    })

    test('[ST35] a set-up link is taken exactly once under 50 claims at once, in time, by the right hash, and a new one replaces it', async () => {
      const { accounts } = subject.store
      expect(await accounts.claimSetupLink('none', T0)).toBe(false)
      await accounts.putSetupLink('old', T0 + 1_000)
      await accounts.putSetupLink('link', T0 + 1_000)
      expect(await accounts.claimSetupLink('old', T0)).toBe(false)
      expect(await accounts.claimSetupLink('link', T0 + 1_000)).toBe(false)
      subject = await subject.reopen()
      const claims = await Promise.all(Array.from({ length: 50 }, () => subject.store.accounts.claimSetupLink('link', T0 + 999)))
      expect(claims.filter(Boolean)).toHaveLength(1)
      expect(await subject.store.accounts.claimSetupLink('link', T0)).toBe(false)
    })

    test('[ST35] settings are kept by name', async () => {
      const { accounts } = subject.store
      expect(await accounts.setting('key_generation')).toBeUndefined()
      await accounts.putSetting('key_generation', '1')
      await accounts.putSetting('key_generation', '2')
      subject = await subject.reopen()
      expect(await subject.store.accounts.setting('key_generation')).toBe('2')
    })
  })

  describe(`the audit log of ${name}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.dispose())

    test('[ST36] entries come newest first and their chain holds, also when many are written at once', async () => {
      const { audit } = subject.store
      expect(await audit.verify()).toEqual({ rows: 0, brokenAt: null })
      await Promise.all(Array.from({ length: 40 }, (_, index) => audit.append(entry(index + 1))))
      expect((await audit.latest(3)).map(({ id, ...rest }) => [id, rest])).toEqual([40, 39, 38].map((id) => [id, entry(id)]))
      expect((await audit.latest(2, 3)).map(({ id }) => id)).toEqual([2, 1])
      subject = await subject.reopen()
      expect(await subject.store.audit.verify()).toEqual({ rows: 40, brokenAt: null })
    })
  })

  describe(`fabrics of ${name}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.dispose())
    const secret: ClusterSecret = { token: 'token-of-the-cluster' }

    test('[ST37] a fabric is kept with its credential; lists and records only say that there is one', async () => {
      const { fabrics } = subject.store
      const first = await fabrics.create(fabricNamed('first'), secret)
      expect(first).toEqual({ ...fabricNamed('first'), id: 1, hasSecret: true })
      await fabrics.create({ ...fabricNamed('eleven'), id: 11 }, null)
      expect((await fabrics.create(fabricNamed('next'), null)).id).toBe(12)
      await expect(fabrics.create(fabricNamed('first'), null)).rejects.toMatchObject({ code: 'CONFLICT' })
      await expect(fabrics.create({ ...fabricNamed('twelve'), id: 12 }, null)).rejects.toMatchObject({ code: 'CONFLICT' })
      subject = await subject.reopen()
      const all = await subject.store.fabrics.all()
      expect(all.map(({ id, hasSecret }) => [id, hasSecret])).toEqual([
        [1, true],
        [11, false],
        [12, false],
      ])
      expect(JSON.stringify(all)).not.toContain('token-of-the-cluster')
      expect(await subject.store.fabrics.secret(1)).toEqual(secret)
      expect(await subject.store.fabrics.secret(11)).toBeNull()
      await subject.store.fabrics.remove(12)
      expect(await subject.store.fabrics.get(12)).toBeUndefined()
      await expect(subject.store.fabrics.secret(12)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect((await subject.store.fabrics.create(fabricNamed('later'), null)).id).toBe(13)
    })

    test('[ST37] fabrics created at the same moment get ids of their own', async () => {
      const made = await Promise.all(
        Array.from({ length: 10 }, (_, index) => subject.store.fabrics.create(fabricNamed(`f${index}`), { token: `t${index}` })),
      )
      expect(made.map(({ id }) => id).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      for (const { id, name: of } of made) expect(await subject.store.fabrics.secret(id)).toEqual({ token: of.replace('f', 't') })
    })

    test('[ST38] a credential is bound to its destination: another address needs it again', async () => {
      const { fabrics } = subject.store
      const { id } = await fabrics.create(fabricNamed('f'), secret)
      expect(await fabrics.update(id, { description: 'changed', updatedAt: T0 + 1 })).toMatchObject({
        description: 'changed',
        hasSecret: true,
      })
      expect(await fabrics.secret(id)).toEqual(secret)
      const elsewhere = fabricNamed('f', 'https://127.0.0.2:6443').connection
      await expect(fabrics.update(id, { connection: elsewhere })).rejects.toMatchObject({ code: 'CREDENTIAL_REQUIRED' })
      // The refusal changed nothing: the old address still has its credential.
      expect(await fabrics.secret(id)).toEqual(secret)
      expect(await fabrics.update(id, { connection: elsewhere }, { token: 'other' })).toMatchObject({ hasSecret: true })
      expect(await fabrics.secret(id)).toEqual({ token: 'other' })
      expect(await fabrics.update(id, {}, null)).toMatchObject({ hasSecret: false })
      expect(await fabrics.secret(id)).toBeNull()
    })
  })
}
