import { errorCodeOf, type Grant } from '@binnacle/protocol'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AccessTokens } from './access-tokens.ts'
import { Identity } from './identity.ts'
import { SIGNING_KEY, openIdentity, type IdentitySubject } from './testing/open-identity.ts'

const HERE = { address: '127.0.0.1', userAgent: 'test' }
const PASSWORD = 'correct horse battery'
let subject: IdentitySubject
let serial = 0
beforeAll(async () => {
  subject = await openIdentity()
})
afterAll(() => subject.close())

const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => 'OK',
    (error: unknown) => errorCodeOf(error),
  )
/** A user of his own per test, and an address of his own. */
async function someone(grants: readonly Grant[] = [{ role: 'viewer', scope: 'fabric/11' }]) {
  serial += 1
  const user = await subject.identity.createUser({ name: `user-${serial}`, displayName: '', password: PASSWORD, grants }, 'test')
  return { user, origin: { ...HERE, address: `127.0.1.${serial}` } }
}
const audited = async (action: string, outcome: string): Promise<number> =>
  (await subject.store.audit.latest(1_000)).filter((entry) => entry.action === action && entry.outcome === outcome).length

test('[ID1] of ten claims of a set-up link at once exactly one wins; used, replaced and old links are gone', async () => {
  const { identity, clock } = subject
  const { secret } = await identity.issueSetupLink('cli')
  const claims = await Promise.all(
    Array.from({ length: 10 }, (_, n) => codeOf(identity.claimSetupLink(secret, 'root', PASSWORD, { ...HERE, address: `127.0.2.${n}` }))),
  )
  expect(claims.filter((code) => code === 'OK')).toHaveLength(1)
  expect(claims.filter((code) => code === 'GONE')).toHaveLength(9)
  const replaced = await identity.issueSetupLink('cli')
  const old = await identity.issueSetupLink('cli')
  expect(await codeOf(identity.claimSetupLink(replaced.secret, 'root', PASSWORD, { ...HERE, address: '127.0.3.1' }))).toBe('GONE')
  clock.advance(3_600_001)
  expect(await codeOf(identity.claimSetupLink(old.secret, 'root', PASSWORD, { ...HERE, address: '127.0.3.2' }))).toBe('GONE')
})

test('[ID2] a link claimed for an existing administrator gives a new password and ends the sign-ins before', async () => {
  const { identity } = subject
  const { user, origin } = await someone([])
  const before = await identity.login(user.name, PASSWORD, origin)
  const { secret } = await identity.issueSetupLink('cli')
  const after = await identity.claimSetupLink(secret, user.name, 'another long password', origin)
  expect(after.user.id).toBe(user.id)
  expect((await identity.authenticate(after.token)).rights.grants).toEqual([{ role: 'admin', scope: '*' }])
  expect(await codeOf(identity.authenticate(before.token))).toBe('NOT_AUTHENTICATED')
  expect(await codeOf(identity.login(user.name, PASSWORD, origin))).toBe('WRONG_CREDENTIALS')
})

test('[ID3] forged, foreign and aged access tokens are refused, the genuine one is taken', async () => {
  const { identity, clock } = subject
  const { user, origin } = await someone()
  const { token, refreshToken } = await identity.login(user.name, PASSWORD, origin)
  expect((await identity.authenticate(token)).userId).toBe(user.id)
  const [head = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const signed = (change: Record<string, unknown>, header: object = {}, key: Uint8Array = SIGNING_KEY): Promise<string> =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'HS256', typ: 'binnacle-access+jwt', ...header }).sign(key)
  // The control: the same maker, nothing changed, is accepted. What is refused below is refused for its one difference.
  expect(await codeOf(identity.authenticate(await signed({})))).toBe('OK')
  const now = Math.floor(clock.now() / 1_000)
  const forged = {
    none: new UnsecuredJWT(claims).encode(),
    'other key': await signed({}, {}, new Uint8Array(32).fill(8)),
    'other algorithm': await signed({}, { alg: 'HS512' }, new Uint8Array(64).fill(7)),
    'same key, other algorithm': await signed({}, { alg: 'HS384' }, SIGNING_KEY).catch(() => 'x.y.z'),
    'other type': await signed({}, { typ: 'JWT' }),
    'other audience': await signed({ aud: 'grafana' }),
    'other issuer': await signed({ iss: 'idp' }),
    'other generation': await signed({ gen: '-1' }),
    'not yet': await signed({ nbf: now + 600 }),
    ended: await signed({ exp: now - 1 }),
    'no end': await signed({ exp: undefined }),
    'no sign-in': await signed({ sid: undefined }),
    'sign-in of nobody': await signed({ sid: 'unknown' }),
    'another user': await signed({ sub: 'somebody-else' }),
    'changed payload': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')}.${signature}`,
    'no signature': `${head}.${payload}.`,
    'refresh token': refreshToken,
    long: `${token}${'a'.repeat(5_000)}`,
    empty: '',
  }
  for (const [name, text] of Object.entries(forged))
    expect([name, await codeOf(identity.authenticate(text))]).toEqual([name, 'NOT_AUTHENTICATED'])
  clock.advance(600_001)
  expect(await codeOf(identity.authenticate(token))).toBe('NOT_AUTHENTICATED')
})

test('[ID4] a raised key generation voids every access token issued before', async () => {
  const { clock } = subject
  const { token } = await new AccessTokens(SIGNING_KEY, '0', clock).issue('u', 's')
  expect(await codeOf(new AccessTokens(SIGNING_KEY, '0', clock).verify(token))).toBe('OK')
  expect(await codeOf(new AccessTokens(SIGNING_KEY, '1', clock).verify(token))).toBe('NOT_AUTHENTICATED')
})

test('[ID5] the refresh token before the last works for 30 seconds; used later it ends the sign-in, and the audit log says so', async () => {
  const { identity, clock } = subject
  const { user, origin } = await someone()
  const first = await identity.login(user.name, PASSWORD, origin)
  const second = await identity.refresh(first.refreshToken, origin)
  expect(second.refreshToken).not.toBe(first.refreshToken)
  clock.advance(29_000)
  const otherTab = await identity.refresh(first.refreshToken, origin)
  expect(otherTab.refreshToken).toBe('')
  expect((await identity.authenticate(otherTab.token)).userId).toBe(user.id)
  clock.advance(2_000)
  const before = await audited('refresh_reuse', 'refused')
  expect(await codeOf(identity.refresh(first.refreshToken, origin))).toBe('NOT_AUTHENTICATED')
  expect(await audited('refresh_reuse', 'refused')).toBe(before + 1)
  expect(await codeOf(identity.refresh(second.refreshToken, origin))).toBe('NOT_AUTHENTICATED')
  expect(await codeOf(identity.authenticate(second.token))).toBe('NOT_AUTHENTICATED')
})

test('[ID6] two tabs that renew at once both go on', async () => {
  const { identity } = subject
  const { user, origin } = await someone()
  const { refreshToken } = await identity.login(user.name, PASSWORD, origin)
  const both = await Promise.all([identity.refresh(refreshToken, origin), identity.refresh(refreshToken, origin)])
  for (const { token } of both) expect((await identity.authenticate(token)).userId).toBe(user.id)
  expect(both.filter((each) => each.refreshToken !== '')).toHaveLength(1)
})

test('[ID7] sign-out ends the sign-in at once, its access token included', async () => {
  const { identity } = subject
  const { user, origin } = await someone()
  const { token, refreshToken } = await identity.login(user.name, PASSWORD, origin)
  const who = await identity.authenticate(token)
  expect(identity.rightsOf(who)).toBeDefined()
  await identity.logout(refreshToken, origin)
  expect(identity.rightsOf(who)).toBeUndefined()
  expect(await codeOf(identity.authenticate(token))).toBe('NOT_AUTHENTICATED')
  expect(await codeOf(identity.refresh(refreshToken, origin))).toBe('NOT_AUTHENTICATED')
})

test('[ID8] guesses side by side are slowed down like guesses in a row, for spellings of a name together', async () => {
  const { identity, clock } = subject
  const { user } = await someone()
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      codeOf(identity.login(n % 2 === 0 ? user.name : ` ${user.name.toUpperCase()} `, 'wrong', { ...HERE, address: `127.0.4.${n}` })),
    ),
  )
  expect(guesses.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(6)
  expect(guesses.filter((code) => code === 'RATE_LIMITED')).toHaveLength(6)
  const waiting = await identity.login(user.name, PASSWORD, { ...HERE, address: '127.0.4.99' }).catch((error: unknown) => error)
  expect(waiting).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 })
  clock.advance(1_001)
  expect(await codeOf(identity.login(user.name, PASSWORD, { ...HERE, address: '127.0.4.99' }))).toBe('OK')
})

test('[ID9] names that do not exist are refused with the same words as wrong passwords', async () => {
  const { identity } = subject
  const { user, origin } = await someone()
  const texts = await Promise.all(
    [user.name, 'nobody-at-all'].map((name) => identity.login(name, 'wrong', origin).catch((error: Error) => error.message)),
  )
  expect(texts[0]).toBe(texts[1])
})

test('[ID10] an API token may do what both it and its user may, at every use', async () => {
  const { identity } = subject
  const { user } = await someone([{ role: 'operator', scope: 'fabric/*' }])
  const ask = (grants: readonly Grant[]) => identity.createToken({ userId: user.id, name: 't', grants, ttlSeconds: 60 }, 'test')
  expect(await codeOf(ask([{ role: 'admin', scope: 'fabric/1' }]))).toBe('FORBIDDEN')
  expect(await codeOf(ask([{ role: 'viewer', scope: '*' }]))).toBe('FORBIDDEN')
  const { secret } = await ask([{ role: 'operator', scope: 'fabric/1' }])
  const who = await identity.authenticate(secret)
  expect(identity.rightsOf(who)?.grants).toEqual([{ role: 'operator', scope: 'fabric/1' }])
  await identity.changeUser(user.id, { grants: [{ role: 'viewer', scope: 'fabric/*' }] }, 'test')
  expect(identity.rightsOf(who)?.grants).toEqual([])
})

test('[ID11] a token that ended, was revoked or whose user is disabled is refused; its value is kept only as a hash', async () => {
  const { identity, clock, store } = subject
  const { user } = await someone()
  const ask = () => identity.createToken({ userId: user.id, name: 't', grants: user.grants, ttlSeconds: 60 }, 'test')
  const [ending, revoked, disabled] = await Promise.all([ask(), ask(), ask()])
  expect(ending.secret).toMatch(/^bnc_[A-Za-z0-9_-]{43}$/)
  expect(JSON.stringify(await store.accounts.tokens())).not.toContain(ending.secret)
  for (const { secret } of [ending, revoked, disabled]) expect(await codeOf(identity.authenticate(secret))).toBe('OK')
  await identity.revokeToken(revoked.token.id, 'test')
  expect(await codeOf(identity.authenticate(revoked.secret))).toBe('NOT_AUTHENTICATED')
  await identity.changeUser(user.id, { disabled: true }, 'test')
  expect(await codeOf(identity.authenticate(disabled.secret))).toBe('NOT_AUTHENTICATED')
  await identity.changeUser(user.id, { disabled: false }, 'test')
  expect(await codeOf(identity.authenticate(ending.secret))).toBe('OK')
  clock.advance(60_001)
  expect(await codeOf(identity.authenticate(ending.secret))).toBe('NOT_AUTHENTICATED')
})

test('[ID12] a change of a user counts at once, also for a sign-in that is under way', async () => {
  const { identity } = subject
  const { user, origin } = await someone()
  const told: string[] = []
  const stop = identity.onChange(({ userId }) => told.push(userId))
  const { token } = await identity.login(user.name, PASSWORD, origin)
  const who = await identity.authenticate(token)
  const underWay = codeOf(identity.login(user.name, PASSWORD, origin))
  await identity.changeUser(user.id, { disabled: true }, 'test')
  expect(identity.rightsOf(who)).toBeUndefined()
  expect(['WRONG_CREDENTIALS', 'OK']).toContain(await underWay)
  expect(identity.users().find(({ id }) => id === user.id)?.disabled).toBe(true)
  expect(await codeOf(identity.authenticate(token))).toBe('NOT_AUTHENTICATED')
  expect(told).toContain(user.id)
  stop()
})

test('[ID13] what cannot be written to the audit log does not happen', async () => {
  const { store, clock } = subject
  const { user, origin } = await someone()
  const broken = await Identity.open({
    accounts: store.accounts,
    audit: { ...store.audit, append: () => Promise.reject(new Error('disk full')) },
    sink: store.facts,
    clock,
    signingKey: SIGNING_KEY,
    generation: '0',
  })
  expect(await codeOf(broken.login(user.name, PASSWORD, origin))).toBe('AUDIT_UNAVAILABLE')
  expect(await codeOf(broken.createUser({ name: 'ghost', displayName: '', password: undefined, grants: [] }, 'test'))).toBe(
    'AUDIT_UNAVAILABLE',
  )
  expect(await store.accounts.userByName('ghost')).toBeUndefined()
  broken.close()
})

test('[ID14] a flood of refusals is told as one event at once and one with the count after a minute', async () => {
  const { identity, clock, store } = subject
  const rights = { user: 'test', version: 1, grants: [{ role: 'admin' as const, scope: '*' }] }
  const denials = async (): Promise<number[]> =>
    (await store.log.latest({ filter: { types: ['access_denied'] }, rights }, { limit: 100 })).entries
      .map(({ text }) => JSON.parse(text) as { data: { action: string; count: number } })
      .filter(({ data }) => data.action === 'flood')
      .map(({ data }) => data.count)
  for (let n = 0; n < 50; n += 1) identity.denied('eve', 'flood', HERE)
  await expect.poll(denials, { timeout: 5_000 }).toEqual([1])
  clock.advance(60_001)
  await expect.poll(denials, { timeout: 5_000 }).toEqual([49, 1])
  await expect.poll(() => audited('access', 'refused'), { timeout: 5_000 }).toBe(2)
})
