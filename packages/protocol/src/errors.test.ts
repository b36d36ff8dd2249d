import { expect, test } from 'vitest'
import { CLOSE_CODES, comeBackAfter } from './close-codes.ts'
import { BinnacleError, ERRORS, causeOf, errorCodeOf, problemOf, problemSchema } from './errors.ts'
import { clientFrameSchema, serverFrameSchema } from './frames.ts'
import { WATCH_STATES, fabricStatusOf } from './watch-state.ts'

test('[PR10] every error has a status, a title and a remedy', () => {
  for (const [code, { status, title, remedy }] of Object.entries(ERRORS)) {
    expect(status, code).toBeGreaterThanOrEqual(400)
    expect(title.length, code).toBeGreaterThan(5)
    expect(remedy.length, code).toBeGreaterThan(5)
  }
})

test('[PR10] a problem carries code, place and remedy; an error that is not ours keeps its message inside', () => {
  const error = new BinnacleError('KUBECONFIG_UNREADABLE', 'line 3 is not YAML', { places: [{ file: 'kubeconfig', line: 3 }] })
  expect(problemSchema.parse(problemOf(error, 'c1'))).toMatchObject({
    code: 'KUBECONFIG_UNREADABLE',
    status: 422,
    detail: 'line 3 is not YAML',
    correlation_id: 'c1',
    errors: [{ file: 'kubeconfig', line: 3 }],
  })
  expect(errorCodeOf(error)).toBe('KUBECONFIG_UNREADABLE')
  expect(errorCodeOf({ code: 'ECONNRESET' })).toBeUndefined()
  expect(causeOf(new Error('password is 1234'))).toEqual({
    code: 'INTERNAL',
    message: ERRORS.INTERNAL.title,
    remedy: ERRORS.INTERNAL.remedy,
  })
})

test('[PR11] a close code tells whether to come back; unknown codes mean backoff', () => {
  expect(comeBackAfter(CLOSE_CODES.bad_frame.code)).toBe('never')
  expect(comeBackAfter(CLOSE_CODES.not_authenticated.code)).toBe('new_token')
  expect(comeBackAfter(CLOSE_CODES.restart.code)).toBe('at_once')
  expect(comeBackAfter(1006)).toBe('backoff')
  expect(new Set(Object.values(CLOSE_CODES).map(({ code }) => code)).size).toBe(Object.keys(CLOSE_CODES).length)
})

test('[PR12] frames with unknown fields or types are refused', () => {
  expect(clientFrameSchema.safeParse({ type: 'hello', protocol: 1, token: 't' }).success).toBe(true)
  expect(clientFrameSchema.safeParse({ type: 'hello', protocol: 1, token: 't', admin: true }).success).toBe(false)
  expect(clientFrameSchema.safeParse({ type: 'subscribe', id: 's', from: 'nowhere' }).success).toBe(false)
  expect(clientFrameSchema.safeParse({ type: 'shutdown' }).success).toBe(false)
  expect(serverFrameSchema.safeParse({ type: 'lost', sub: 1, reason: 'tired', oldest: 'e:1', head: 'e:2' }).success).toBe(false)
})

test('[PR13] a fabric is as bad as its worst watch, and without watches unknown', () => {
  expect(fabricStatusOf([])).toBe('unknown')
  expect(fabricStatusOf([{ state: 'live', expected: true }])).toBe('connected')
  expect(
    fabricStatusOf([
      { state: 'live', expected: true },
      { state: 'stale', expected: true },
    ]),
  ).toBe('stale')
  expect(
    fabricStatusOf([
      { state: 'live', expected: true },
      { state: 'not_served', expected: false },
    ]),
  ).toBe('connected')
  expect(
    fabricStatusOf([
      { state: 'live', expected: true },
      { state: 'not_served', expected: true },
    ]),
  ).toBe('degraded')
  for (const state of WATCH_STATES)
    if (state !== 'live' && state !== 'disabled') expect(fabricStatusOf([{ state, expected: true }]), state).not.toBe('connected')
})
