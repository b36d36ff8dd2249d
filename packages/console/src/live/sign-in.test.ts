import { expect, test } from 'vitest'
import { isAdmin, safeReturn } from './sign-in.ts'

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

test('[CO9] only an administrator is offered changes', () => {
  const user = (role: 'viewer' | 'operator' | 'admin') => ({ id: 'u', name: 'u', display_name: '', grants: [{ role, scope: '*' }] })
  expect(isAdmin({ step: 'signed_in', user: user('admin') })).toBe(true)
  expect(isAdmin({ step: 'signed_in', user: user('operator') })).toBe(false)
  expect(isAdmin({ step: 'asking' })).toBe(false)
})
