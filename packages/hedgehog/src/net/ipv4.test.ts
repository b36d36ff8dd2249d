import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { containsAddress, containsNetwork, formatAddress, formatNetwork, overlaps, parseAddress, parseCidr } from './ipv4.ts'
import type { Cidr } from './ipv4.ts'
import { normalMac } from './mac.ts'

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const cidr = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([start, length]) => {
  const parsed = parseCidr(`${formatAddress(start)}/${length}`)
  if (parsed === undefined) throw new Error('unreadable')
  return parsed
})

describe('IPv4 arithmetic', () => {
  test('[HH13] every address survives text', () => {
    fc.assert(fc.property(address, (value) => parseAddress(formatAddress(value)) === value))
  })

  test('[HH13] anything else is no address and no network', () => {
    for (const bad of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', 'a.b.c.d', 5, null, undefined])
      expect(parseAddress(bad)).toBeUndefined()
    for (const bad of ['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '/8', 'x/8', '10.0.0.0/8/8', 8, null])
      expect(parseCidr(bad)).toBeUndefined()
  })

  test('[HH13] a network has the size of its length, begins on a multiple of it, and holds what was written', () => {
    fc.assert(
      fc.property(cidr, (network) => {
        const size = 2 ** (32 - network.length)
        expect(network.last - network.first + 1).toBe(size)
        expect(network.first % size).toBe(0)
        expect(containsAddress(network, network.address)).toBe(true)
        expect(containsAddress(network, network.last + 1)).toBe(false)
        expect(parseCidr(formatNetwork(network))).toEqual({ ...network, address: network.first })
      }),
    )
  })

  test('[HH13] two networks overlap exactly when one holds the other', () => {
    const near = fc
      .tuple(cidr, cidr, fc.integer({ min: 0, max: 32 }))
      .map(([one, other, length]): [Cidr, Cidr] => [one, parseCidr(`${formatAddress(one.address)}/${length}`) ?? other])
    fc.assert(
      fc.property(fc.oneof(fc.tuple(cidr, cidr), near), ([one, other]) => {
        expect(overlaps(one, other)).toBe(containsNetwork(one, other) || containsNetwork(other, one))
        expect(overlaps(one, other)).toBe(overlaps(other, one))
      }),
    )
  })

  test('[HH13] known networks', () => {
    expect(parseCidr('10.0.1.7/24')).toEqual({ address: 167772423, length: 24, first: 167772416, last: 167772671 })
    expect(parseCidr('0.0.0.0/0')).toEqual({ address: 0, length: 0, first: 0, last: 4294967295 })
    expect(formatAddress(parseCidr('255.255.255.254/31')?.last ?? 0)).toBe('255.255.255.255')
  })

  test('[HH13] MAC addresses get one form', () => {
    for (const form of ['AA:BB:CC:00:11:22', 'aa-bb-cc-00-11-22', 'aabb.cc00.1122']) expect(normalMac(form)).toBe('aa:bb:cc:00:11:22')
    for (const bad of ['', 'aa:bb:cc:00:11', 'aa:bb-cc:00:11:22', 'aabbcc001122', 'gg:bb:cc:00:11:22'])
      expect(normalMac(bad)).toBeUndefined()
  })
})
