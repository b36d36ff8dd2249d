// `npm run bench -- NAME`: timing claims, measured beside a peer or a raw baseline in the same run. `--list` names them.
import { join } from 'node:path'
import { runMeasured } from './measured.ts'

process.exit(await runMeasured(join(import.meta.dirname, '../tests/bench'), process.argv.slice(2)))
