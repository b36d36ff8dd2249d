/**
 * Who may see events of a type, given a grant on their scope. `viewer` < `operator` < `admin`; `tenant` is for runs
 * and follows the grant on the runs scope alone.
 */
export const AUDIENCES = ['viewer', 'operator', 'admin', 'tenant'] as const
/** See {@link AUDIENCES}. */
export type Audience = (typeof AUDIENCES)[number]

/** Priorities, lowest first; each event type has one, fixed. */
export const PRIORITIES = ['low', 'normal', 'high', 'critical'] as const
/** See {@link PRIORITIES}. */
export type Priority = (typeof PRIORITIES)[number]

/** Families group event types by what they speak of; retention is set per family. */
export type EventFamily = 'cr' | 'fabric' | 'gitops' | 'dns' | 'users' | 'runs' | 'monitor' | 'system'

interface EventTypeSpec {
  readonly family: EventFamily
  readonly audience: Audience
  readonly priority: Priority
  readonly meaning: string
}

const spec = (family: EventFamily, audience: Audience, priority: Priority, meaning: string): EventTypeSpec => ({
  family,
  audience,
  priority,
  meaning,
})

/**
 * Every event type there is: its family, audience, priority and meaning. A type that is not here cannot be recorded,
 * filtered or delivered. Adding one is described in CONTRIBUTING.md.
 */
export const EVENT_TYPES = {
  cr_created: spec('cr', 'viewer', 'normal', 'a custom resource appeared'),
  cr_updated: spec('cr', 'viewer', 'normal', 'a new version of a custom resource was delivered'),
  cr_deleted: spec('cr', 'viewer', 'normal', 'a custom resource is gone'),
  cr_status_changed: spec('cr', 'viewer', 'normal', 'the derived status of a custom resource changed'),
  cr_quarantined: spec('cr', 'viewer', 'high', 'an object could not be taken in (malformed or too large) and is set aside, visibly'),

  fabric_created: spec('fabric', 'viewer', 'normal', 'a fabric was added'),
  fabric_updated: spec('fabric', 'viewer', 'normal', 'the settings of a fabric changed'),
  fabric_removed: spec('fabric', 'viewer', 'normal', 'a fabric was removed'),
  fabric_status_change: spec('fabric', 'viewer', 'high', 'the status of a fabric (the worst of its watches) changed'),
  watch_state_changed: spec('fabric', 'viewer', 'normal', 'the watch of one kind changed its state'),
  sync_started: spec('fabric', 'viewer', 'low', 'a sync (a complete listing, or a fetch from Git) began'),
  sync_progress: spec('fabric', 'viewer', 'low', 'how far a running sync is'),
  sync_completed: spec('fabric', 'viewer', 'normal', 'a sync is complete; its counts and digest'),
  sync_failed: spec('fabric', 'operator', 'high', 'a sync failed; cause and remedy'),
  switch_health_changed: spec('fabric', 'viewer', 'high', 'the health of a switch, derived from its switch agent, changed'),

  drift_detected: spec('gitops', 'viewer', 'high', 'declared and running state began to differ'),
  drift_changed: spec('gitops', 'viewer', 'normal', 'the difference between declared and running state changed'),
  drift_resolved: spec('gitops', 'viewer', 'normal', 'declared and running state agree again'),
  validation_error: spec('gitops', 'viewer', 'high', 'a manifest cannot be accepted'),
  validation_warning: spec('gitops', 'viewer', 'normal', 'a manifest can be accepted but has a questionable effect'),
  commit_pushed: spec('gitops', 'viewer', 'normal', 'a commit of ours reached the remote'),
  commit_rejected: spec('gitops', 'operator', 'high', 'the remote refused a commit of ours'),
  commit_observed: spec('gitops', 'viewer', 'normal', 'a commit was seen in the watched branch'),
  deployment_observed: spec('gitops', 'viewer', 'normal', 'a committed change was seen in the cluster'),
  deployment_overdue: spec('gitops', 'viewer', 'high', 'a committed change did not reach the cluster in time'),

  zone_created: spec('dns', 'viewer', 'normal', 'a zone appeared'),
  zone_updated: spec('dns', 'viewer', 'normal', 'a zone changed'),
  zone_deleted: spec('dns', 'viewer', 'normal', 'a zone is gone'),
  record_created: spec('dns', 'viewer', 'normal', 'a record appeared'),
  record_updated: spec('dns', 'viewer', 'normal', 'a record changed'),
  record_deleted: spec('dns', 'viewer', 'normal', 'a record is gone'),
  rpz_update: spec('dns', 'operator', 'normal', 'a response policy changed'),
  threat_detected: spec('dns', 'operator', 'critical', 'a detection rule fired'),
  security_alert: spec('dns', 'operator', 'high', 'something security-relevant happened on a DNS server'),
  health_update: spec('dns', 'viewer', 'low', 'periodic health of a DNS server'),
  health_alert: spec('dns', 'viewer', 'high', 'the health of a DNS server got worse'),
  forwarder_status_change: spec('dns', 'viewer', 'high', 'a forwarder changed its state'),
  system_status: spec('dns', 'admin', 'normal', 'state of the DNS server process'),
  bind_reload: spec('dns', 'operator', 'normal', 'named reloaded its configuration'),
  config_change: spec('dns', 'operator', 'normal', 'the configuration of a DNS server changed'),
  query_stats: spec('dns', 'viewer', 'low', 'one-second aggregate of DNS queries'),

  user_login: spec('users', 'admin', 'normal', 'somebody signed in'),
  user_logout: spec('users', 'admin', 'normal', 'somebody signed out'),
  session_expired: spec('users', 'admin', 'low', 'a sign-in ended by time'),
  access_denied: spec('users', 'admin', 'high', 'a request was refused'),

  agent_started: spec('runs', 'tenant', 'normal', 'a run began'),
  agent_thinking: spec('runs', 'tenant', 'low', 'a run thinks'),
  tool_executing: spec('runs', 'tenant', 'normal', 'a tool call began'),
  tool_completed: spec('runs', 'tenant', 'normal', 'a tool call ended'),
  agent_completed: spec('runs', 'tenant', 'normal', 'a run ended well'),
  agent_failed: spec('runs', 'tenant', 'high', 'a run failed'),
  agent_cancelled: spec('runs', 'tenant', 'normal', 'a run was cancelled'),
  agent_interrupted: spec('runs', 'tenant', 'high', 'a run waits for a person'),
  agent_truncated: spec('runs', 'tenant', 'high', 'the stream of a run was cut'),
  agent_step_started: spec('runs', 'tenant', 'low', 'a step of a run began'),
  agent_step_finished: spec('runs', 'tenant', 'low', 'a step of a run ended'),
  tool_args_completed: spec('runs', 'tenant', 'low', 'the arguments of a tool call are complete'),
  message_delta: spec('runs', 'tenant', 'low', 'coalesced text of a run'),
  agent_ext: spec('runs', 'tenant', 'low', 'an extension event of a run'),

  component_state_changed: spec('monitor', 'viewer', 'high', 'a component of Binnacle changed its state'),
  silent_failure_detected: spec('monitor', 'viewer', 'critical', 'the monitor found a silent failure'),
  silent_failure_resolved: spec('monitor', 'viewer', 'high', 'a silent failure is over'),
  audit_completed: spec('monitor', 'viewer', 'low', 'an audit of the monitor is complete'),

  hub_started: spec('system', 'viewer', 'low', 'the hub started; the head it found and how long it was away'),
  retention_applied: spec('system', 'admin', 'low', 'old events or versions were removed by retention'),
  queue_limit_reached: spec('system', 'viewer', 'high', 'a bounded queue reached its limit and its policy acted'),
} as const satisfies Record<string, EventTypeSpec>

/** The name of an event type. */
export type EventType = keyof typeof EVENT_TYPES

/** Whether a text names a known event type. */
export const isEventType = (text: string): text is EventType => Object.hasOwn(EVENT_TYPES, text)
