import { once } from 'node:events'
import { startHubProcess, type HubOptions, type HubProcess } from '../system/_hub-process.ts'

/** A hub whose main thread can be asked questions by the inspector of Node. */
export interface ProbedHub {
  readonly hub: HubProcess
  /** Evaluates an expression in the hub's process. */
  evaluate(expression: string): Promise<unknown>
}

/** Starts a hub with an inspector on a loopback port of its own; for tests only, by Node's own option. */
export async function startProbedHub(options: HubOptions): Promise<ProbedHub> {
  const before = process.env['NODE_OPTIONS']
  process.env['NODE_OPTIONS'] = '--inspect=127.0.0.1:0'
  let hub: HubProcess
  try {
    hub = await startHubProcess(options)
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS']
    else process.env['NODE_OPTIONS'] = before
  }
  const address = /Debugger listening on (ws:\S+)/.exec(hub.log())?.[1]
  if (address === undefined) throw new Error(`the hub has no inspector:\n${hub.log()}`)
  return {
    hub,
    evaluate: async (expression) => {
      const socket = new WebSocket(address)
      await once(socket, 'open')
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } }))
      const [{ data }] = (await once(socket, 'message')) as [MessageEvent<string>]
      socket.close()
      return (JSON.parse(data) as { result: { result: { value: unknown } } }).result.result.value
    },
  }
}
