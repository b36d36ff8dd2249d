import { expect, test } from 'vitest'
import { RestError, restErrorOf } from '@binnacle/client'
import { BinnacleError, problemOf } from '@binnacle/protocol'
import { failureOf, mayHelp } from './failure.ts'

test('[CO22] a refusal of the server keeps its words', () => {
  const problem = problemOf(new BinnacleError('DESTINATION_DENIED', '127.0.0.1 is a loopback address'))
  expect(failureOf(new RestError(problem))).toEqual({
    code: 'DESTINATION_DENIED',
    title: 'That address may not be used as a destination',
    detail: '127.0.0.1 is a loopback address',
    remedy: problem.remedy,
  })
})

test('[CO22] an answer without explanation and an error of the page have a cause and a remedy too', () => {
  expect(failureOf(restErrorOf(502, '<html>'))).toMatchObject({ code: 'UNAVAILABLE', remedy: expect.stringMatching(/./) })
  expect(failureOf(new Error('boom'))).toMatchObject({ code: 'INTERNAL', detail: 'boom', remedy: expect.stringMatching(/./) })
  expect(failureOf(undefined)).toMatchObject({ code: 'INTERNAL', remedy: expect.stringMatching(/./) })
})

test('[CO22] what will be refused again is not asked again by itself', () => {
  const refused = (code: 'NOT_FOUND' | 'FORBIDDEN' | 'UNAVAILABLE') => mayHelp(new RestError(problemOf(new BinnacleError(code))))
  expect([refused('NOT_FOUND'), refused('FORBIDDEN'), refused('UNAVAILABLE')]).toEqual([false, false, true])
  expect(mayHelp(new TypeError('fetch failed'))).toBe(true)
})
