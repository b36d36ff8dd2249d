import { agentSpec } from './agent-spec.ts'
import { agentStatus } from './agent-status.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** The CRD of Agent. */
export const AGENT_CRD = customResourceDefinition({
  kind: 'Agent',
  description: 'Orders for and reports of one switch.',
  spec: agentSpec,
  status: agentStatus,
})
