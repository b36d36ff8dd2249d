import { badRequest } from './api-status.ts'
import type { Fault } from './faults.ts'
import { isObject, objectOr, type Json, type JsonObject } from './json.ts'
import type { LabControl } from './lab-control.ts'
import type { WatchFilter } from './watches.ts'

/** Largest control body: bulk seeds are large. */
export const MAX_CONTROL_BYTES = 64 * 1024 * 1024

/** The commands of POST /lab/control, each `{"command": NAME, …}`; the answer is `{"result": …}`. */
type Command = (control: LabControl, body: JsonObject) => unknown

const filter = (body: JsonObject): WatchFilter => ({
  ...(typeof body.resource === 'string' && { resource: body.resource }),
  ...(typeof body.account === 'string' && { account: body.account }),
})
const text = (body: JsonObject, key: string): string => {
  if (typeof body[key] !== 'string') throw badRequest(`${key} must be a string`)
  return body[key]
}
const number = (body: JsonObject, key: string, otherwise: number): number => {
  const value = body[key] ?? otherwise
  if (typeof value !== 'number') throw badRequest(`${key} must be a number`)
  return value
}
const optional = (body: JsonObject, key: string): string | undefined => (typeof body[key] === 'string' ? body[key] : undefined)

const COMMANDS: Readonly<Record<string, Command>> = {
  watches: (control, body) => control.watches(filter(body)),
  counts: (control) => control.counts(),
  lists: (control, body) => control.lists(filter(body)),
  faults: (control) => control.faults(),
  fault: (control, body) => {
    control.fault(faultOf(objectOr(body.fault)))
    return true
  },
  clearFaults: (control, body) => {
    control.clearFaults(optional(body, 'type') as Fault['type'] | undefined)
    return true
  },
  endWatches: (control, body) => control.endWatches(filter(body), body.mode === 'reset' ? 'reset' : 'fin'),
  timeOutWatches: (control, body) => control.timeOutWatches(filter(body)),
  expireWatches: (control, body) => control.expireWatches(filter(body)),
  injectRaw: (control, body) => control.injectRaw(text(body, 'bytes'), filter(body)),
  sendBookmarks: (control, body) => {
    control.sendBookmarks(filter(body))
    return true
  },
  bump: (control, body) => control.bump(number(body, 'by', 1)),
  compact: (control, body) => {
    control.compact(optional(body, 'resource'))
    return true
  },
  shrinkHistory: (control, body) => {
    control.shrinkHistory(number(body, 'limit', 0), optional(body, 'resource'))
    return true
  },
  seed: (control, body) => control.seed((Array.isArray(body.objects) ? body.objects : []).filter(isObject)),
  seedMany: (control, body) => control.seedMany(objectOr(body.template), number(body, 'count', 0), number(body, 'first', 0)),
  remove: (control, body) => control.remove(text(body, 'resource'), text(body, 'namespace'), text(body, 'name')),
  inflate: (control, body) =>
    control.inflate(text(body, 'resource'), text(body, 'namespace'), text(body, 'name'), number(body, 'bytes', 0)),
  addAccount: (control, body) => control.addAccount(text(body, 'account'), objectOr(body.spec)),
  rotateToken: (control, body) => control.rotateToken(text(body, 'account'), number(body, 'graceMs', 0)),
  expireTokens: (control, body) => {
    control.expireTokens(text(body, 'account'))
    return true
  },
  serve: (control, body) => {
    control.serve(objectOr(body.crd))
    return true
  },
  unserve: (control, body) => control.unserve(text(body, 'crd')),
  restart: (control, body) => control.restart(objectOr(body.options)),
}

function faultOf(body: JsonObject): Fault {
  const types = ['refuse', 'delay', 'stall', 'drop-bookmarks', 'watch-expired-as-status']
  if (typeof body.type !== 'string' || !types.includes(body.type)) throw badRequest(`fault.type must be one of ${types.join(', ')}`)
  if (body.type === 'refuse' && typeof body.status !== 'number') throw badRequest('fault.status must be a number')
  if (body.type === 'delay' && typeof body.ms !== 'number') throw badRequest('fault.ms must be a number')
  return body as unknown as Fault
}

/** Runs one command. Throws 400 for an unknown command or a wrong argument. */
export async function runCommand(control: LabControl, body: Json): Promise<JsonObject> {
  if (!isObject(body) || typeof body.command !== 'string') throw badRequest('the body must be {"command": NAME, …}')
  const command = Object.hasOwn(COMMANDS, body.command) ? COMMANDS[body.command] : undefined
  if (command === undefined) throw badRequest(`unknown command ${body.command}; there are: ${Object.keys(COMMANDS).join(', ')}`)
  try {
    return { result: ((await command(control, body)) ?? true) as Json }
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(error.message)
    throw error
  }
}
