// A process that appends until it is killed: prints the number of each note after it was acknowledged.
// Arguments: the database file, the first number.
import { openSqliteStore } from '../sqlite/open-sqlite-store.ts'
import { testOptions } from './sqlite-subject.ts'
import { note, put } from './subject.ts'

const [path = '', first = '0'] = process.argv.slice(2)
const store = await openSqliteStore(testOptions(path))
let next = Number(first)
const append = async (): Promise<void> => {
  for (;;) {
    const n = next++
    await store.facts.write([note(n), put('Probe', `p${n % 50}`, { size: n }, { version: String(n) })])
    process.stdout.write(`${n}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, append))
