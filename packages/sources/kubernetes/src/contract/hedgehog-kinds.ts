import type { WantedKind } from '../discovery/served-kind.ts'

const kinds = (group: string, plurals: Readonly<Record<string, string>>): WantedKind[] =>
  Object.entries(plurals).map(([kind, plural]) => ({ group, kind, plural, version: 'v1beta1', expected: true }))

/** The kinds that every Hedgehog fabric serves, as the suites ask for them: written down here once more, so that a wrong name cannot agree with itself. */
export const SUITE_KINDS: readonly WantedKind[] = [
  ...kinds('vpc.githedgehog.com', {
    VPC: 'vpcs',
    VPCAttachment: 'vpcattachments',
    VPCPeering: 'vpcpeerings',
    External: 'externals',
    ExternalAttachment: 'externalattachments',
    ExternalPeering: 'externalpeerings',
    IPv4Namespace: 'ipv4namespaces',
  }),
  ...kinds('wiring.githedgehog.com', {
    Connection: 'connections',
    Server: 'servers',
    Switch: 'switches',
    SwitchGroup: 'switchgroups',
    VLANNamespace: 'vlannamespaces',
  }),
]
