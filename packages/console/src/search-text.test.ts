import { expect, test } from 'vitest'
import { idOf, parseSearchText, searchText, textOf } from './search-text.ts'

test('[CO7] the address bar holds plain text and survives a round trip', () => {
  const search = { fabric: 11, q: '1+1=2 & "x"', status: 'pending', sort: '-name' }
  const text = searchText(search)
  expect(text).toBe('?fabric=11&q=1%2B1%3D2+%26+%22x%22&status=pending&sort=-name')
  expect(parseSearchText(text)).toEqual({ fabric: '11', q: '1+1=2 & "x"', status: 'pending', sort: '-name' })
  expect(searchText({ q: '', fabric: undefined })).toBe('')
})

test('[CO7] what cannot be an id is none', () => {
  expect([idOf('11'), idOf(11)]).toEqual([11, 11])
  for (const value of ['0', '-1', '1e3', '1.5', 'x', '', null, undefined, {}, '12345678901']) expect(idOf(value)).toBeUndefined()
  expect(textOf('x'.repeat(300))).toHaveLength(200)
  expect(textOf('')).toBeUndefined()
})
