import { createHash } from 'node:crypto'
import { noSuchPath } from './api-status.ts'
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from './discovery.ts'
import type { JsonObject } from './json.ts'
import { discoveryVersion } from './media-type.ts'
import { openapiV2Protobuf } from './openapi-protobuf.ts'
import { openapiIndex, openapiV2, openapiV3 } from './openapi.ts'
import type { LabRequest } from './request-context.ts'
import { sendJson } from './respond.ts'

/** Answers everything that is not a resource: version, health, discovery, OpenAPI. Throws 404 otherwise. */
export function handleApi({ core, info, request, response }: LabRequest): void {
  const all = core.registry.all()
  const { features } = core
  const accept = request.headers.accept
  const parts = info.path.split('/').filter((part) => part !== '')
  const send = (document: JsonObject | undefined): void => {
    if (document === undefined) throw noSuchPath()
    sendJson(response, 200, document)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw noSuchPath()
  switch (parts[0] ?? '') {
    case 'version':
      return send(versionDocument(features.version))
    case 'healthz':
    case 'livez':
    case 'readyz':
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('ok')
      return
    case 'api':
    case 'apis': {
      const isCore = parts[0] === 'api'
      if (parts.length > 1) {
        if (isCore) return send(parts.length === 2 ? resourceList(all, '', parts[1]!) : undefined)
        return send(
          parts.length === 2 ? groupDocument(all, parts[1]!) : parts.length === 3 ? resourceList(all, parts[1]!, parts[2]!) : undefined,
        )
      }
      const version = discoveryVersion(accept, features.aggregatedDiscovery)
      if (version === undefined) return send(isCore ? coreVersions(request.headers.host ?? '') : groupList(all))
      sendJson(response, 200, aggregated(all, isCore, version), {
        'Content-Type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      })
      return
    }
    case 'openapi':
      if (parts[1] === 'v2') {
        if ((accept ?? '').includes('proto-openapi.spec.v2')) {
          response
            .writeHead(200, { 'Content-Type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' })
            .end(openapiV2Protobuf(openapiV2(all, features.version)))
          return
        }
        return send(openapiV2(all, features.version))
      }
      if (parts[1] === 'v3' && features.openapiV3) {
        if (parts.length === 2) return send(openapiIndex(all, (text) => createHash('sha256').update(text).digest('hex').toUpperCase()))
        if (parts[2] === 'api' && parts.length === 4) return send(openapiV3(all, '', parts[3]!, features.version))
        if (parts[2] === 'apis' && parts.length === 5) return send(openapiV3(all, parts[3]!, parts[4]!, features.version))
      }
      throw noSuchPath()
    default:
      throw noSuchPath()
  }
}

function versionDocument(version: string): JsonObject {
  const [major = '1', minor = '0'] = version.slice(1).split('.')
  return {
    major,
    minor,
    gitVersion: `${version}+binnacle-lab`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'none',
    platform: 'linux/amd64',
  }
}
