import { describe, expect, test } from 'vitest'
import { topologyOf } from './topology.ts'

const object = (name: string, spec: unknown) => ({ metadata: { name }, spec })

const fabric = {
  switches: [object('spine-01', { role: 'spine' }), object('leaf-01', { role: 'server-leaf' }), object('leaf-02', { role: 'border-leaf' })],
  servers: [object('server-01', {})],
  connections: [
    object('c-fabric', {
      fabric: {
        links: [
          { spine: { port: 'spine-01/E1/1' }, leaf: { port: 'leaf-01/E1/8' } },
          { spine: { port: 'spine-01/E1/2' }, leaf: { port: 'leaf-01/E1/9' } },
        ],
      },
    }),
    object('c-eslag', {
      eslag: {
        links: [
          { server: { port: 'server-01/e0' }, switch: { port: 'leaf-01/E1/1' } },
          { server: { port: 'server-01/e1' }, switch: { port: 'leaf-02/E1/1' } },
        ],
      },
    }),
    object('c-ext', { external: { link: { switch: { port: 'leaf-02/E1/5' } } } }),
    object('c-static', { staticExternal: { link: { switch: { port: 'leaf-02/E1/6' } } } }),
    object('c-gw', { gateway: { links: [{ switch: { port: 'leaf-02/E1/7' }, gateway: { port: 'gw-1/enp2' } }] } }),
  ],
  externalAttachments: [object('ea', { external: 'ext-1', connection: 'c-ext' })],
}

describe('the topology', () => {
  test('[HH30] ranks externals, spines, leaves and servers', () => {
    expect(topologyOf(fabric).nodes.map((node) => `${node.rank} ${node.id} ${node.type}${node.declared ? '' : ' undeclared'}`)).toEqual([
      '0 External/c-static external undeclared',
      '0 External/ext-1 external',
      '1 Gateway/gw-1 gateway undeclared',
      '1 Switch/spine-01 spine',
      '2 Switch/leaf-01 leaf',
      '2 Switch/leaf-02 leaf',
      '3 Server/server-01 server',
    ])
  })

  test('[HH30] joins the cables of a connection per pair of devices, with their ports', () => {
    const edges = topologyOf(fabric).edges
    expect(edges.map((edge) => edge.id)).toEqual([
      'c-eslag>Server/server-01>Switch/leaf-01',
      'c-eslag>Server/server-01>Switch/leaf-02',
      'c-ext>Switch/leaf-02>External/ext-1',
      'c-fabric>Switch/spine-01>Switch/leaf-01',
      'c-gw>Switch/leaf-02>Gateway/gw-1',
      'c-static>Switch/leaf-02>External/c-static',
    ])
    expect(edges.find((edge) => edge.connection === 'c-fabric')).toMatchObject({
      type: 'fabric',
      ports: [
        { from: 'E1/1', to: 'E1/8' },
        { from: 'E1/2', to: 'E1/9' },
      ],
    })
    expect(edges.find((edge) => edge.connection === 'c-ext')?.ports).toEqual([{ from: 'E1/5', to: '' }])
  })

  test('[HH30] devices that only connections name are there, as undeclared', () => {
    const { nodes } = topologyOf({ switches: [], servers: [], connections: fabric.connections.slice(0, 2) })
    expect(nodes.map((node) => [node.id, node.type, node.declared])).toEqual([
      ['Switch/spine-01', 'spine', false],
      ['Switch/leaf-01', 'leaf', false],
      ['Switch/leaf-02', 'leaf', false],
      ['Server/server-01', 'server', false],
    ])
  })

  test('[HH30] every edge ends at nodes of the graph, also for malformed objects', () => {
    const odd = [
      {},
      { metadata: null },
      object('x', null),
      object('y', { fabric: { links: [null, {}, { spine: { port: 'a' } }, { spine: { port: 'a/b' } }] } }),
      object('z', { external: {} }),
    ]
    const graph = topologyOf({
      switches: odd,
      servers: odd,
      connections: [...odd, ...fabric.connections],
      gateways: odd,
      externalAttachments: odd,
    })
    const ids = new Set(graph.nodes.map((node) => node.id))
    for (const edge of graph.edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true)
    expect(ids.has('Switch/')).toBe(false)
  })
})
