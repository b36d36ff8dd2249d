import { readFileSync } from 'node:fs'

/** The value below which this share of the values lies. NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The middle value. */
export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** With so many digits after the point; figures are read by people. */
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))

/** Milliseconds since 1970 with fractions, comparable between processes of one machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now()

/** Seconds of CPU that a process has used, all its threads together. Clock ticks are 10 ms on Linux. */
export function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program stands in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Resident memory of a process in MiB: now, and the most it ever had. */
export function memoryOf(pid: number): { readonly rssMib: number; readonly peakMib: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { rssMib: kib('VmRSS') / 1_024, peakMib: kib('VmHWM') / 1_024 }
}
