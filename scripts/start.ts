// `npm start`: builds the console and runs the demo: two lab fabrics in a process of their own, watched by a real hub.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './build-console.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
buildConsole(root)
const demo = spawn(
  process.execPath,
  ['--conditions=@binnacle/source', join(root, 'apps/binnacle/src/main.ts'), 'demo', ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => demo.kill(signal))
demo.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
