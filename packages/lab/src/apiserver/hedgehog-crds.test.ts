import { expect, test } from 'vitest'
import { hedgehogCrds, type CrdChoice } from './hedgehog-crds.ts'
import { startLabServer } from './lab-server.ts'
import { objectOr, text, type JsonObject } from './json.ts'
import { ProtocolClient } from './protocol-client.ts'

const kinds = (choice: CrdChoice): string[] => hedgehogCrds(choice).map((crd) => text(objectOr(objectOr(crd.spec).names).kind))

test('[LA3] a lab serves all Hedgehog kinds, just the 12, or without some', () => {
  expect(kinds({})).toHaveLength(25)
  expect(kinds({ expectedOnly: true })).toHaveLength(12)
  expect(kinds({ expectedOnly: true })).not.toContain('Agent')
  expect(kinds({ without: ['VPC', 'switches'] })).toHaveLength(23)
  expect(kinds({ without: ['VPC', 'switches'] })).not.toContain('Switch')
})

test('[LA3] kinds served in another version are found there and nowhere else', async () => {
  const server = await startLabServer({ crds: hedgehogCrds({ expectedOnly: true, version: 'v1alpha2' }) })
  const client = new ProtocolClient(server)
  const groups = (await client.get('/apis')).body.groups as JsonObject[]
  const vpc = groups.find(({ name }) => name === 'vpc.githedgehog.com')
  expect(((vpc?.versions ?? []) as JsonObject[]).map(({ version }) => version)).toEqual(['v1alpha2'])
  expect((await client.get('/apis/vpc.githedgehog.com/v1alpha2/vpcs')).status).toBe(200)
  expect((await client.get('/apis/vpc.githedgehog.com/v1beta1/vpcs')).status).toBe(404)
  client.close()
  await server.close()
})
