import { expect, test } from 'vitest'
import { linkTarget, visiblePieces, visibleText } from './visible-text.ts'

test('[CO1] characters that hide or reorder text are written out', () => {
  expect(visibleText('vpc\u202egnp.exe')).toBe('vpc\\u{202e}gnp.exe')
  expect(visibleText('a\u200bb\u00adc\ufeff')).toBe('a\\u{200b}b\\u{ad}c\\u{feff}')
  expect(visibleText('\u{e0041}')).toBe('\\u{e0041}')
  expect(visibleText('esc\u001b[31m\n')).toBe('esc\\u{1b}[31m\\n')
  expect(visibleText('\ud800')).toBe('\\u{d800}')
})

test('[CO1] ordinary text of any language stays as it is', () => {
  for (const text of ['leaf-01/E1/55', 'Übergröße', '网络', 'שלום', '🙂', '']) expect(visibleText(text)).toBe(text)
})

test('[CO1] pieces tell the written-out characters apart from the same letters typed by somebody', () => {
  expect(visiblePieces('a\u202eb')).toEqual([
    { text: 'a', escaped: false },
    { text: '\\u{202e}', escaped: true },
    { text: 'b', escaped: false },
  ])
  expect(visiblePieces('a\\u{202e}b')).toEqual([{ text: 'a\\u{202e}b', escaped: false }])
})

test('[CO2] only plain https addresses become links', () => {
  expect(linkTarget('https://example.net/x')).toBe('https://example.net/x')
  for (const text of [
    'http://example.net',
    'javascript:alert(1)',
    ' https://x',
    'data:text/html,x',
    'https://user:pw@example.net',
    'https://exa\u200bmple.net',
    'https://',
    '//example.net',
  ])
    expect(linkTarget(text)).toBeUndefined()
})
