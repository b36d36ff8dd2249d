import { describe, expect, test } from 'vitest'
import { EXPECTED_KINDS, KINDS, groupOf, kindById, kindByPlural, kindByRouteWord, kindBySlug, kindId, kindOf } from './registry.ts'

describe('the registry of kinds', () => {
  test('[HH1] holds the 12 expected kinds and 13 optional ones', () => {
    expect(EXPECTED_KINDS.map((kind) => kind.kind).sort()).toEqual([
      'Connection',
      'External',
      'ExternalAttachment',
      'ExternalPeering',
      'IPv4Namespace',
      'Server',
      'Switch',
      'SwitchGroup',
      'VLANNamespace',
      'VPC',
      'VPCAttachment',
      'VPCPeering',
    ])
    expect(KINDS).toHaveLength(25)
    expect(new Set(KINDS.map((kind) => kind.group)).size).toBe(7)
  })

  test('[HH1] serves no kind of an expected group under the version that is gone', () => {
    for (const kind of EXPECTED_KINDS) expect(kind.version).toBe('v1beta1')
  })

  test('[HH2] finds every kind by kind, id, plural, plural.group, slug and route words', () => {
    for (const kind of KINDS) {
      expect(kindOf(kind.kind)).toBe(kind)
      expect(kindOf(kind.kind, kind.group)).toBe(kind)
      expect(kindOf(kind.kind, 'other.example')).toBeUndefined()
      expect(kindById(kindId(kind.kind, kind.group))).toBe(kind)
      expect(kindByPlural(kind.plural)).toBe(kind)
      expect(kindByPlural(`${kind.plural}.${kind.group}`)).toBe(kind)
      expect(kindBySlug(kind.slug)).toBe(kind)
      for (const word of [kind.kind, kind.singular, kind.plural, kind.slug, ...kind.shortNames]) expect(kindByRouteWord(word)).toBe(kind)
    }
    expect(kindByRouteWord('vpc_attachment')?.kind).toBe('VPCAttachment')
    expect(kindByRouteWord('external-attachments')?.kind).toBe('ExternalAttachment')
  })

  test('[HH2] finds nothing for unknown or inherited names', () => {
    for (const word of ['', 'constructor', '__proto__', 'pods']) {
      expect(kindOf(word)).toBeUndefined()
      expect(kindByPlural(word)).toBeUndefined()
      expect(kindBySlug(word)).toBeUndefined()
      expect(kindByRouteWord(word)).toBeUndefined()
    }
  })

  test('[HH2] slugs, plurals and short names are unique, and column ids within a kind', () => {
    for (const words of [KINDS.map((kind) => kind.slug), KINDS.map((kind) => kind.plural), KINDS.flatMap((kind) => kind.shortNames)]) {
      expect(new Set(words).size).toBe(words.length)
    }
    for (const kind of KINDS) {
      const ids = kind.columns.map((column) => column.id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9_]*$/)
    }
  })

  test('[HH2] reads the group from an apiVersion', () => {
    expect(groupOf('vpc.githedgehog.com/v1beta1')).toBe('vpc.githedgehog.com')
    expect(groupOf('v1')).toBe('')
    expect(kindId('ConfigMap', '')).toBe('ConfigMap')
  })
})
