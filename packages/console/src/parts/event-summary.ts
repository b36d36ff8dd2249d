import type { BinnacleEvent } from '@binnacle/protocol'
import { toneOfFabric, toneOfHealth, toneOfWatch, wordOf } from './tones.ts'
import type { Tone } from './tones.ts'

const textIn = (data: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = data[name]
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number') return String(value)
  }
  return undefined
}

const recordIn = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The first three, and how many more. */
const firstOf = (texts: readonly string[]): string | undefined =>
  texts.length === 0 ? undefined : `${texts.slice(0, 3).join(', ')}${texts.length > 3 ? ` and ${texts.length - 3} more` : ''}`

const statusWord = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  const record = recordIn(value)
  return record === undefined ? undefined : textIn(record, 'status', 'state', 'health')
}

/** "from → to" where the data tells it under one of the usual names. */
function movement(data: Readonly<Record<string, unknown>>): string | undefined {
  const before = statusWord(data['from'] ?? data['before'] ?? data['previous'])
  const after = statusWord(data['to'] ?? data['after'] ?? data['current'] ?? data['state'] ?? data['status'] ?? data['derived'])
  if (after === undefined) return undefined
  // A status can change its reasons and stay the same word; the text says the rest.
  return before === undefined || before === after ? wordOf(after) : `${wordOf(before)} → ${wordOf(after)}`
}

/** What an event says in one line; empty when its type says it all. */
export function eventSummary(event: BinnacleEvent): string {
  const { data } = event
  const cause = recordIn(data['cause'])
  const because = cause === undefined ? undefined : textIn(cause, 'message')
  const parts: (string | undefined)[] = []
  const type: string = event.event_type
  switch (type) {
    case 'cr_updated': {
      // What happened to a switch says more than which fields of its report moved.
      const transitions = listIn(data['transitions']).map((each) => textIn(recordIn(each) ?? {}, 'text'))
      parts.push(firstOf((transitions.length > 0 ? transitions : listIn(data['changed'])).filter((each) => typeof each === 'string')))
      break
    }
    case 'sync_completed':
    case 'sync_failed':
    case 'sync_progress': {
      const kinds = listIn(data['kinds']).map((each) => recordIn(each) ?? {})
      const differences = kinds.reduce((sum, kind) => sum + (typeof kind['differences'] === 'number' ? kind['differences'] : 0), 0)
      const failed = kinds.filter((kind) => recordIn(kind['cause']) !== undefined).map((kind) => textIn(kind, 'kind'))
      const count = textIn(data, 'objects', 'count', 'done')
      parts.push(
        kinds.length === 0 ? undefined : `${kinds.length} kinds, ${differences === 1 ? '1 difference' : `${differences} differences`}`,
        failed.length === 0 ? undefined : `failed: ${firstOf(failed.filter((each) => each !== undefined))}`,
        count === undefined ? undefined : `${count} objects`,
      )
      break
    }
    default:
      parts.push(
        movement(data),
        textIn(recordIn(data['after'] ?? data['status'] ?? data['derived']) ?? {}, 'text'),
        textIn(data, 'text', 'message', 'reason', 'name'),
      )
  }
  parts.push(because)
  return [...new Set(parts.filter((part) => part !== undefined))].join(' · ')
}

/** How an event is drawn: by what it says about a state, else by its priority. */
export function toneOfEvent(event: BinnacleEvent): Tone {
  const { data } = event
  const after = data['to'] ?? data['after'] ?? data['current'] ?? data['status'] ?? data['state'] ?? data['derived']
  const word = statusWord(after)
  const type: string = event.event_type
  switch (type) {
    case 'fabric_status_change':
      return word === undefined ? 'unknown' : toneOfFabric(word)
    case 'watch_state_changed':
      return word === undefined ? 'unknown' : toneOfWatch(word)
    case 'cr_status_changed':
    case 'switch_health_changed': {
      const health = recordIn(after)?.['health'] ?? data['health'] ?? word
      return typeof health === 'string' ? toneOfHealth(health) : 'unknown'
    }
    case 'sync_failed':
    case 'silent_failure_detected':
      return 'failed'
    case 'sync_completed':
      return 'healthy'
    default: {
      const { priority } = event.metadata
      return priority === 'critical' ? 'failed' : priority === 'high' ? 'degraded' : 'off'
    }
  }
}
