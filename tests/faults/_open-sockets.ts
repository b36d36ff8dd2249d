import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Sockets that a process holds, beside those of the port on which it serves: connections it opened, pipes of its own. Linux only. */
export function openSockets(pid: number, servingPort: number): number {
  const serving = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      const port = Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16)
      if (port === servingPort) serving.add(fields[9] ?? '')
    }
  }
  let count = 0
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    let target = ''
    try {
      target = readlinkSync(`/proc/${pid}/fd/${descriptor}`)
    } catch {
      continue // closed since the folder was read
    }
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    if (inode !== undefined && !serving.has(inode)) count += 1
  }
  return count
}
