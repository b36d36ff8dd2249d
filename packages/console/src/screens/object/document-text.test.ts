import { expect, test } from 'vitest'
import { diffLines, documentText } from './document-text.ts'

test('[CO18] a document reads as operators know it, and nothing of it is left out', () => {
  const text = documentText({ status: {}, spec: { a: 'yes' }, zeta: 1, metadata: { name: 'x' }, kind: 'VPC', apiVersion: 'v1' })
  expect(text.split('\n').filter((line) => /^\w/.test(line))).toEqual([
    'apiVersion: v1',
    'kind: VPC',
    'metadata:',
    'spec:',
    'status: {}',
    'zeta: 1',
  ])
  const same = { name: 'b' }
  expect(documentText({ one: same, two: same })).not.toContain('*')
  expect(
    documentText({ long: 'word '.repeat(60).trim() })
      .trim()
      .split('\n'),
  ).toHaveLength(1)
})

test('[CO18] a comparison shows what left and what came, with a little around it', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng'
  expect(diffLines(before, before)).toEqual([])
  expect(diffLines(before, 'a\nb\nc\nX\ne\nf\ng', 1)?.map((line) => line.sign + line.text)).toEqual([' c', '-d', '+X', ' e'])
  expect(diffLines('a\nb', 'a\nb\nc', 0)?.map((line) => line.sign + line.text)).toEqual(['+c'])
  expect(diffLines('x\n'.repeat(2_000), 'y')).toBeUndefined()
})
