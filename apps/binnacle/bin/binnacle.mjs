#!/usr/bin/env node
// Runs the command line from its sources on the private or installed Node 24; see scripts/run.mjs.
import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '../../..')
const { status } = spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), 'binnacle', ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
