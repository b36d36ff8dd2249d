// `node scripts/performance.ts`: writes docs/performance.md from docs/evidence.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Evidence } from './evidence-file.ts'
import { performancePage } from './performance-page.ts'

/** All evidence of a repository, by issue. */
export function readEvidence(root: string): Evidence[] {
  const folder = join(root, 'docs', 'evidence')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Evidence)
}

/** Writes docs/performance.md. */
export function writePerformance(root: string): void {
  writeFileSync(join(root, 'docs', 'performance.md'), performancePage(readEvidence(root)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writePerformance(dirname(dirname(fileURLToPath(import.meta.url))))
