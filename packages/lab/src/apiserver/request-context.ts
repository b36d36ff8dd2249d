import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account, Accounts } from './accounts.ts'
import type { Admission } from './admission.ts'
import type { Faults } from './faults.ts'
import type { LabFeatures } from './lab-features.ts'
import type { Registry } from './registry.ts'
import type { RequestCounts } from './request-counts.ts'
import type { RequestInfo } from './request-info.ts'
import type { LabStore } from './storage.ts'
import type { WatchLimits } from './watch.ts'
import type { Watches } from './watches.ts'

/** Everything one server consists of; handlers get it with each request. */
export interface LabCore {
  readonly store: LabStore
  readonly registry: Registry
  readonly accounts: Accounts
  readonly faults: Faults
  readonly watches: Watches
  readonly counts: RequestCounts
  readonly features: LabFeatures
  readonly limits: WatchLimits
  readonly readOnly: boolean
  readonly admission: Admission | undefined
  readonly now: () => number
  readonly random: () => number
  readonly newUid: () => string
  /** Cuts the connection under a response with a TCP reset. */
  readonly reset: (response: ServerResponse) => void
}

/** One request on its way through the handlers. */
export interface LabRequest {
  readonly core: LabCore
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly info: RequestInfo
  readonly account: Account
}
