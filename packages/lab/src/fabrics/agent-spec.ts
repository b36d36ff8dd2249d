import { attachedSubnet, devicesOf, peeredVpcs } from '@binnacle/hedgehog'
import { text, type JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import { SPINE_ASN, type AddressPlan } from './addressing.ts'
import type { FabricIndex } from './fabric-index.ts'
import { nameOfObject, specOf } from './lab-object.ts'

const named = (objects: readonly KubeObject[]): JsonObject =>
  Object.fromEntries(objects.map((object) => [nameOfObject(object), specOf(object)]))

/**
 * What the controller tells one switch: everything it needs of the fabric's objects. It holds credentials where real
 * ones do (users, version), made up ones: whoever reads Agents must cut them.
 */
export function agentSpec(name: string, index: FabricIndex, plan: AddressPlan): JsonObject {
  const own = specOf(index.get('Switch', name))
  const connections = index.all('Connection').filter((connection) => devicesOf(connection, 'switch').includes(name))
  const touching = new Set(connections.map(nameOfObject))
  const attachments = index.all('VPCAttachment').filter((one) => touching.has(text(specOf(one)['connection'])))
  const externalAttachments = index.all('ExternalAttachment').filter((one) => touching.has(text(specOf(one)['connection'])))
  const attached = new Set(attachments.flatMap((one) => attachedSubnet(one)?.vpc ?? []))
  const peerings = index.all('VPCPeering').filter((one) => [...peeredVpcs(one).keys()].some((vpc) => attached.has(vpc)))
  const carried = new Set([...attached, ...peerings.flatMap((one) => [...peeredVpcs(one).keys()])])
  const vpcs = index.all('VPC').filter((vpc) => carried.has(nameOfObject(vpc)))
  const externals = new Set(externalAttachments.map((one) => text(specOf(one)['external'])))
  const neighbours = new Set(connections.flatMap((connection) => devicesOf(connection, 'switch')))
  neighbours.delete(name)
  return {
    role: own['role'],
    description: own['description'],
    switch: own,
    switches: named(index.all('Switch').filter((other) => neighbours.has(nameOfObject(other)))),
    connections: named(connections),
    vpcs: named(vpcs),
    attachedVPCs: Object.fromEntries([...attached].toSorted().map((vpc) => [vpc, true])),
    configuredVPCSubnets: Object.fromEntries(attachments.map((one) => [text(specOf(one)['subnet']), true])),
    vpcAttachments: named(attachments),
    vpcPeers: named(peerings),
    ipv4Namespaces: named(index.all('IPv4Namespace')),
    vlanNamespaces: named(index.all('VLANNamespace')),
    externals: named(index.all('External').filter((external) => externals.has(nameOfObject(external)))),
    externalAttachments: named(externalAttachments),
    externalPeerings: named(
      index.all('ExternalPeering').filter((one) => {
        const permit = (specOf(one)['permit'] ?? {}) as JsonObject
        return carried.has(text(((permit['vpc'] ?? {}) as JsonObject)['name']))
      }),
    ),
    config: {
      controlVIP: plan.control,
      fabricMTU: 9_100,
      serverFacingMTUOffset: 64,
      fabricSubnet: plan.linkNetwork,
      protocolSubnet: plan.protocolNetwork,
      vtepSubnet: plan.vtepNetwork,
      spineASN: SPINE_ASN,
      defaultMaxPathsEBGP: 16,
      ...(index.all('Switch').some((other) => specOf(other)['role'] === 'spine') && { spineLeaf: {} }),
    },
    users: [
      {
        name: 'operator',
        role: 'operator',
        password: '$5$lab$made-up-password-hash',
        sshKeys: [`ssh-ed25519 AAAAmadeup${name} operator@lab`],
      },
    ],
    version: { default: 'v0.96.2', repo: `${plan.control}:31000/lab/agent`, username: 'agent', password: 'made-up-registry-password' },
  }
}
