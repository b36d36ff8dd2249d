import { expect, test } from 'vitest'
import { commonStart, deviceWidth, lettersIn, shortName, startless } from './short-name.ts'

test('[CO16] a short name keeps what tells devices apart', () => {
  const names = ['fab1-leaf-1', 'fab1-leaf-2', 'fab1-srv-10']
  const common = commonStart(names)
  expect(common).toBe('fab1-')
  expect(names.map((name) => shortName(name, 20))).toEqual(names)
  expect(names.map((name) => startless(name, common))).toEqual(['leaf-1', 'leaf-2', 'srv-10'])
  expect(names.map((name) => shortName(startless(name, common), 5))).toEqual(['…af-1', '…af-2', '…v-10'])
  expect(commonStart(['leaf-1'])).toBe('')
  expect(commonStart(['leaf1', 'leaf2'])).toBe('')
  expect(startless('fab1-', 'fab1-')).toBe('fab1-')
  expect(startless('internet', 'fab1-')).toBe('internet')
  for (let letters = 1; letters < 40; letters++) expect(lettersIn(deviceWidth(letters))).toBe(letters)
})
