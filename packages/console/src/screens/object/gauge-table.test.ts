import { expect, test } from 'vitest'
import { figureText, gaugeViews } from './gauge-table.ts'

test('[CO24] figures of many things are a table of those that are not all zero, in order, and the others are counted', () => {
  const still = { inBps: 0, outBps: 0, errors: 0 }
  const ports = {
    'E1/10': { inBps: 12_345_678, outBps: 0, errors: 0 },
    'E1/2': { inBps: 5, outBps: 9_999, errors: 0 },
    'E1/3': still,
    'E1/4': still,
  }
  expect(gaugeViews('interfaces', ports)).toEqual([
    {
      name: 'interfaces',
      columns: ['inBps', 'outBps'],
      rows: [
        { name: 'E1/2', cells: ['5', '9999'] },
        { name: 'E1/10', cells: ['12.3 M', '0'] },
      ],
      quiet: 2,
    },
  ])
  expect(gaugeViews('interfaces', { a: still })).toEqual([{ name: 'interfaces', columns: [], rows: [], quiet: 1 }])
})

test('[CO24] what is deeper is taken apart by name, what is plain is a text, nothing is left out', () => {
  expect(gaugeViews('uptime', '1 day')).toEqual([{ name: 'uptime', text: '1 day' }])
  expect(gaugeViews('use', { acl: 3, route: 0 })).toEqual([{ name: 'use', text: 'acl 3 · route 0' }])
  expect(gaugeViews('platform', { fans: { f1: { speed: 40.126 } }, note: null, list: [1] })).toEqual([
    { name: 'platform fans', columns: ['speed'], rows: [{ name: 'f1', cells: ['40.13'] }], quiet: 0 },
    { name: 'platform note', text: '–' },
    { name: 'platform list', text: '[1]' },
  ])
  const optics = (temp: number) => ({ temp, channels: { 1: { in: -1.4 } } })
  expect(gaugeViews('optics', { a: optics(31), b: optics(32) })).toEqual([
    {
      name: 'optics',
      columns: ['temp', 'channels 1 in'],
      rows: [
        { name: 'a', cells: ['31', '-1.4'] },
        { name: 'b', cells: ['32', '-1.4'] },
      ],
      quiet: 0,
    },
  ])
  expect(gaugeViews('mixed', { fans: { f1: { speed: 1 } }, psus: { p1: { power: 2 } } }).map((view) => view.name)).toEqual([
    'mixed fans',
    'mixed psus',
  ])
  expect(gaugeViews('empty', {})).toEqual([{ name: 'empty', text: '–' }])
})

test('[CO24] a figure has at most four digits and a unit', () => {
  expect([0, -7, 9_999, 10_000, 999_949, 1_000_000, 17_155_339, -2.5e9, 3e18].map(figureText)).toEqual([
    '0',
    '-7',
    '9999',
    '10 k',
    '999.9 k',
    '1 M',
    '17.2 M',
    '-2.5 G',
    '3000000 T',
  ])
})
