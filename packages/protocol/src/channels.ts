import type { Filter } from './filter.ts'

/** Named filters. A channel gives no right: what it lets through is its filter ∩ the reader's rights. */
export const CHANNELS = {
  health: {
    types: [
      'health_*',
      'forwarder_status_change',
      'fabric_status_change',
      'switch_health_changed',
      'watch_state_changed',
      'component_state_changed',
    ],
  },
  dns_management: { types: ['zone_*', 'record_*', 'rpz_update', 'bind_reload', 'config_change'] },
  security: { types: ['threat_detected', 'security_alert', 'rpz_update', 'access_denied'] },
  system: {
    types: [
      'system_status',
      'component_state_changed',
      'silent_failure_detected',
      'silent_failure_resolved',
      'audit_completed',
      'hub_started',
      'queue_limit_reached',
      'retention_applied',
    ],
  },
  admin: { types: ['user_login', 'user_logout', 'session_expired', 'access_denied', 'config_change', 'system_status'] },
  fabrics: { types: ['fabric_*', 'watch_state_changed', 'switch_health_changed'] },
  resources: { types: ['cr_*'] },
  sync: { types: ['sync_*', 'commit_*', 'deployment_*', 'drift_*'] },
  runs: { types: ['agent_*', 'tool_*', 'message_delta'] },
} as const satisfies Record<string, { types: string[] }>

/** The name of a channel. */
export type Channel = keyof typeof CHANNELS

/** Whether a text names a channel. */
export const isChannel = (text: string): text is Channel => Object.hasOwn(CHANNELS, text)

/** The filter a channel stands for. */
export const channelFilter = (channel: Channel): Filter => ({ types: [...CHANNELS[channel].types] })
