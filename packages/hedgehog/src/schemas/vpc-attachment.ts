import { bool, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Fields of a VPCAttachment's spec. */
export const vpcAttachmentFields = {
  subnet: str('VPC and subnet as vpc/subnet; a VPC alone means its subnet default.'),
  connection: str('Connection of the server: unbundled, bundled or eslag.'),
  nativeVLAN: bool('Carry the subnet untagged.'),
}

/** The CRD of VPCAttachment. */
export const VPC_ATTACHMENT_CRD = customResourceDefinition({
  kind: 'VPCAttachment',
  description: 'Brings a subnet of a VPC to the server ports of a connection.',
  spec: obj(vpcAttachmentFields, 'Which subnet goes where.'),
})
