/** Looks again and again until `look` gives something other than undefined or false; rejects after `withinMs` with what was awaited. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${what}: not seen within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
