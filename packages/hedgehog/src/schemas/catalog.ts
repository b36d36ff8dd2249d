import { int, int32, map, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Numbers that the controller handed out. */
export const catalogSpec = obj(
  {
    connectionIDs: map(int32(), 'By connection.'),
    portChannelIDs: map(int(), 'By connection.'),
    loopbackWorkaroundLinks: map(str(), 'Links in use for the loopback workaround.'),
    loopbackWorkaroundVLANs: map(int(), 'VLANs in use for the loopback workaround.'),
    th5WorkaroundVLANs: map(int(), 'VLANs in use for the TH5 workaround.'),
    externalIDs: map(int(), 'By external.'),
    irbVLANs: map(int(), 'By VPC.'),
    staticExternalSubnetOffsets: map(int(), 'By static external.'),
    subnetIDs: map(int32(), 'By subnet.'),
    vpcInfoIDs: map(int32(), 'By VPC.'),
    vpcSubnetVNIs: map(map(int32()), 'By VPC and subnet.'),
    vpcVNIs: map(int32(), 'By VPC.'),
  },
  'Numbers in use.',
)

/** The CRD of Catalog. */
export const CATALOG_CRD = customResourceDefinition({
  kind: 'Catalog',
  description: 'Numbers that the controller handed out.',
  spec: catalogSpec,
})
