import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLOSE_CODES } from '@binnacle/protocol'
import {
  backoffMs,
  DEFAULT_BACKOFF,
  LINK_TABLE,
  nextLink,
  staleSinceOf,
  type LinkInput,
  type LinkInputType,
  type LinkState,
  type LinkStep,
} from './link-state.ts'

const STATES: Record<LinkStep, LinkState> = {
  connecting: { step: 'connecting', since: 1, attempt: 2, staleSince: null },
  authenticating: { step: 'authenticating', since: 1, attempt: 2, staleSince: null },
  live: { step: 'live', since: 1, heardAt: 1, heartbeatMs: 5_000 },
  stale: { step: 'stale', since: 1, heardAt: 1, heartbeatMs: 5_000 },
  waiting: { step: 'waiting', since: 1, attempt: 3, staleSince: null, retryAt: 9, reason: 'x' },
  ended: { step: 'ended', since: 1, staleSince: null, reason: 'x', code: null },
}
const INPUTS: Record<LinkInputType, LinkInput> = {
  opened: { type: 'opened', at: 50 },
  welcomed: { type: 'welcomed', at: 50, heartbeatMs: 5_000 },
  heard: { type: 'heard', at: 50 },
  silent: { type: 'silent', at: 50, jitter: 0.5 },
  closed: { type: 'closed', at: 50, code: 1006, reason: '', jitter: 0.5 },
  due: { type: 'due', at: 50 },
  wake: { type: 'wake', at: 50 },
  stop: { type: 'stop', at: 50, reason: 'bye', code: null },
}
const inputs = Object.keys(INPUTS) as LinkInputType[]
const states = Object.keys(STATES) as LinkStep[]

test('[CL1] the machine is the table of the specification, cell by cell', () => {
  const text = readFileSync(new URL('../../../docs/spec/client.md', import.meta.url), 'utf8')
  const written = text
    .split('\n')
    .filter((line) => /^\| (connecting|authenticating|live|stale|waiting|ended) /.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  expect(Object.keys(LINK_TABLE)).toEqual(states)
  expect(written.length).toBe(states.length)
  for (const [step = '', ...cells] of written) {
    const real = inputs.map((type) => {
      const before = STATES[step as LinkStep]
      const after = nextLink(before, INPUTS[type])
      return after === before ? '–' : after.step
    })
    expect([step, ...cells]).toEqual([step, ...real])
  }
})

test.each([
  ['never', [CLOSE_CODES.bad_frame.code, CLOSE_CODES.forbidden.code, CLOSE_CODES.frame_too_large.code], 'ended'],
  ['with backoff', [1006, 1001, 4408, 4409, 4429, 4500, 4503, 1011], 'waiting'],
  ['at once', [1012], 'waiting'],
  ['with a new token', [4401], 'waiting'],
] as const)('[CL2] after a close that says %s the link does so', (_what, codes, step) => {
  for (const code of codes)
    for (const from of ['connecting', 'authenticating', 'live', 'stale'] as const)
      expect(nextLink(STATES[from], { type: 'closed', at: 100, code, reason: '', jitter: 0.9 }).step).toBe(step)
})

test('[CL3] waits have full jitter, double from 250 ms and stay below 10 s; a restart spreads over half a second', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.double({ min: 0, max: 0.999999, noNaN: true }), (attempt, jitter) => {
      const wait = backoffMs(attempt, jitter, DEFAULT_BACKOFF)
      expect(wait).toBe(Math.floor(jitter * Math.min(10_000, 250 * 2 ** Math.min(attempt, 30))))
      expect(wait).toBeLessThan(10_000)
    }),
  )
  const after = nextLink(STATES.live, { type: 'closed', at: 100, code: 1012, reason: '', jitter: 0.99 })
  expect(after.step === 'waiting' && after.retryAt - 100).toBeLessThan(500)
})

test('[CL3] after the allowed attempts the link ends and says why', () => {
  const options = { ...DEFAULT_BACKOFF, attempts: 3 }
  let state: LinkState = { step: 'connecting', since: 0, attempt: 0, staleSince: null }
  for (let n = 0; n < 4; n++) {
    state = nextLink(state, { type: 'closed', at: n, code: 1006, reason: 'refused', jitter: 0 }, options)
    if (state.step === 'waiting') state = nextLink(state, { type: 'due', at: n }, options)
  }
  expect(state).toMatchObject({ step: 'ended', reason: 'gave up after 3 attempts: refused' })
})

test('[CL4] the time since when the picture is old survives all attempts and is forgotten only by live', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...inputs), { maxLength: 40 }), (sequence) => {
      let state: LinkState = { step: 'connecting', since: 0, attempt: 0, staleSince: null }
      let lastHeard: number | null = null
      let at = 1
      for (const type of sequence) {
        const before = state
        state = nextLink(state, { ...INPUTS[type], at: ++at })
        if (state.step === 'live') lastHeard = state.heardAt
        expect(staleSinceOf(state)).toBe(state.step === 'live' ? null : lastHeard)
        if (before.step === 'ended') expect(state).toBe(before)
      }
    }),
  )
})
