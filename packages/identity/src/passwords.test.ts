import { errorCodeOf } from '@binnacle/protocol'
import { expect, test } from 'vitest'
import { Passwords } from './passwords.ts'

test('[ID16] a hash says how it was made, matches its password in any Unicode spelling, and no other', async () => {
  const passwords = new Passwords()
  const hash = await passwords.hash('pass\u00e9 partout')
  expect(hash).toMatch(/^scrypt\$32768\$8\$3\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/)
  expect(await passwords.matches('passe\u0301 partout', hash)).toBe(true)
  expect(await passwords.matches('passe partout', hash)).toBe(false)
  expect(await passwords.matches('anything', undefined)).toBe(false)
})

test('[ID17] sign-ins beyond a bounded queue are told to come back', async () => {
  const passwords = new Passwords()
  const results = await Promise.all(
    Array.from({ length: 40 }, () =>
      passwords.matches('x', 'scrypt$2$1$1$AAAA$AAAA').then(
        () => 'done',
        (error: unknown) => errorCodeOf(error),
      ),
    ),
  )
  expect(results.filter((each) => each === 'done')).toHaveLength(34)
  expect(results.filter((each) => each === 'RATE_LIMITED')).toHaveLength(6)
})
