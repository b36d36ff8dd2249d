import { expect, test } from 'vitest'
import { safeReturn } from './sign-in.ts'

test('[CO9] signing in leads back to a page of the console, never elsewhere', () => {
  expect(safeReturn('/vpcs?fabric=11')).toBe('/vpcs?fabric=11')
  for (const to of [
    undefined,
    '',
    'https://example.net',
    '//example.net',
    '/\\example.net',
    '/sign-in?to=/x',
    '/setup',
    'javascript:alert(1)',
    '/\n/x',
  ])
    expect(safeReturn(to)).toBe('/fabrics')
})
