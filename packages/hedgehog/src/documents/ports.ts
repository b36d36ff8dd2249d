/** A port as written in a Connection: `leaf-01/E1/55/1` is device `leaf-01`, port `E1/55/1`. */
export interface DevicePort {
  readonly device: string
  readonly port: string
}

/** Splits `<device>/<port>` at the FIRST slash. `undefined` when there is no slash or a side is empty. */
export function parsePort(text: unknown): DevicePort | undefined {
  if (typeof text !== 'string') return undefined
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1) return undefined
  return { device: text.slice(0, slash), port: text.slice(slash + 1) }
}

/**
 * The names under which the agent may list a port, most exact first: `E1/55` is an alias of `E1/55/1` on a
 * broken-out port, and the other way round on a port that is not broken out.
 */
export function portAliases(port: string): readonly string[] {
  if (/^E\d+\/\d+\/1$/.test(port)) return [port, port.slice(0, -2)]
  if (/^E\d+\/\d+$/.test(port)) return [port, `${port}/1`]
  return [port]
}
