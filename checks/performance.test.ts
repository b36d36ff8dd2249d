import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { performancePage } from '../scripts/performance-page.ts'
import { readEvidence } from '../scripts/performance.ts'
import { ROOT } from './workspaces.ts'

test('[EV1] docs/performance.md is exactly what follows from docs/evidence', () => {
  const evidence = readEvidence(ROOT)
  expect(evidence.length).toBeGreaterThan(0)
  expect(existsSync(join(ROOT, 'docs/performance.md'))).toBe(true)
  expect(readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')).toBe(performancePage(evidence))
})

test('[EV2] a missed goal and an invalid run are shown as such, and a short run says that it is one', () => {
  const machine = { cpu: 'c', cores: 2, memory_gib: 1, os: 'o', node_on_path: 'v20', node: 'v24' }
  const step = {
    name: 'bench x',
    command: 'npm run bench -- x',
    about: 'a thing',
    exit: 1,
    seconds: 1,
    load: [0, 1] as const,
    summary: null,
  }
  const page = (invalid?: string) =>
    performancePage([
      {
        issue: '2',
        commit: '0123456789abcdef',
        date: '2026-01-01T00:00:00Z',
        scale: 'short',
        left_out: ['test'],
        machine,
        steps: [
          {
            ...step,
            result: {
              name: 'x',
              figures: { ratio: 4, other: 1 },
              goals: { ratio: { max: 3 } },
              met: false,
              machine: {},
              ...(invalid === undefined ? {} : { invalid }),
            },
          },
        ],
        met: false,
      },
    ])
  expect(page()).toContain('| `ratio` | 4 | at most 3 | **no** |')
  expect(page()).toContain('| `other` | 1 |  |  |')
  expect(page()).toContain('**Not all goals met.**')
  expect(page('the machine was busy')).toContain('**Invalid run:** the machine was busy.')
  expect(page()).toContain('scaled down (short)')
  expect(page()).toContain('Left out of this run: test.')
})
