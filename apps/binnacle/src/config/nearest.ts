/** Edit distance between two short texts (Levenshtein, two rows). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + change))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

/** The known name closest to a mistyped one; undefined when none is near (more than a third of its letters differ). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const candidates = known.map((each) => ({ each, far: distance(name, each) })).sort((a, b) => a.far - b.far)
  const best = candidates[0]
  return best !== undefined && best.far <= Math.max(2, Math.floor(name.length / 3)) ? best.each : undefined
}
