import { expect, test } from 'vitest'
import { passwordComplaint } from './password-complaint.ts'

test('[CO10] a new password is long enough and typed twice the same', () => {
  expect(passwordComplaint('elevenchars', 'elevenchars')).toMatch(/at least 12/)
  expect(passwordComplaint('twelve chars', 'twelve Chars')).toMatch(/differ/)
  expect(passwordComplaint('x'.repeat(1_025), 'x'.repeat(1_025))).toMatch(/longer/)
  expect(passwordComplaint('twelve chars', 'twelve chars')).toBeUndefined()
})
