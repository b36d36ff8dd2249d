// `npm run soak -- NAME`: the long runs at full length (`--short` for a scaled one). `--list` names them.
import { join } from 'node:path'
import { runMeasured } from './measured.ts'

process.exit(await runMeasured(join(import.meta.dirname, '../tests/soak'), process.argv.slice(2)))
