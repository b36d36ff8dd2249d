import { expect, test } from 'vitest'
import { placeOf, totalOf } from './navigation.tsx'

const fabric = (objects: number | null, enabled = true) =>
  ({ enabled, kinds: [{ kind: 'VPC', group: 'g', objects }] }) as unknown as Parameters<typeof totalOf>[0] extends
    | (infer Entry)[]
    | undefined
    ? Entry
    : never

test('[CO20] a count over fabrics is only whole when every fabric has listed the kind', () => {
  expect(totalOf([fabric(3), fabric(4)], 'VPC', 'g')).toEqual({ objects: 7, known: true, present: true })
  expect(totalOf([fabric(3), fabric(null)], 'VPC', 'g')).toEqual({ objects: 3, known: false, present: true })
  expect(totalOf([fabric(3), fabric(null, false)], 'VPC', 'g').known).toBe(true)
  expect(totalOf(undefined, 'VPC', 'g').known).toBe(false)
  expect(totalOf([fabric(3)], 'Switch', 'g')).toEqual({ objects: 0, known: true, present: false })
})

test('[CO20] an object page belongs to its kind in the navigation', () => {
  expect(['/fabrics', '/fabrics/11', '/fabrics/11/vpcs/vpc-1', '/vpcs', '/'].map(placeOf)).toEqual([
    'fabrics',
    'fabrics',
    'vpcs',
    'vpcs',
    '',
  ])
})
