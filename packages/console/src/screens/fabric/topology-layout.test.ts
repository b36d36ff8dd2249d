import { expect, test } from 'vitest'
import { edgePath, layOut } from './topology-layout.ts'

const node = (rank: number, name: string) =>
  ({ id: `n/${name}`, kind: 'Switch', name, type: rank === 1 ? 'spine' : 'leaf', rank, declared: true, role: '', status: null }) as const
const edge = (from: string, to: string) => ({
  id: `${from}>${to}`,
  connection: 'c',
  type: 'fabric',
  from: `n/${from}`,
  to: `n/${to}`,
  ports: [],
  status: null,
})
const many = (rank: number, count: number) => Array.from({ length: count }, (_, index) => node(rank, `r${rank}-${index}`))

test('[CO16] nothing gives an empty picture', () => {
  expect(layOut({ nodes: [], edges: [] }, 900)).toEqual({ width: 900, height: 0, nodes: [], edges: [] })
})

test('[CO16] spines stand above leaves, in the order of their names, and nothing overlaps', () => {
  const picture = layOut(
    { nodes: [node(2, 'leaf-10'), node(2, 'leaf-2'), node(1, 'spine-1'), ...many(2, 4)], edges: [edge('spine-1', 'leaf-2')] },
    900,
  )
  expect(picture.nodes).toHaveLength(7)
  const place = (name: string) => picture.nodes.find((each) => each.node.name === name)
  expect(place('spine-1')?.y).toBeLessThan(place('leaf-2')?.y ?? 0)
  expect(place('leaf-2')?.x).toBeLessThan(place('leaf-10')?.x ?? 0)
  expect(picture.edges).toHaveLength(1)
})

test('[CO16] 300 devices fit: inside the picture, compact, none upon another', () => {
  for (const width of [340, 900, 1600]) {
    const picture = layOut({ nodes: [...many(1, 10), ...many(2, 90), ...many(3, 200)], edges: [] }, width)
    expect(picture.nodes).toHaveLength(300)
    const seen = new Set<string>()
    for (const { x, y, compact, node: each, ...size } of picture.nodes) {
      expect(x - size.width / 2).toBeGreaterThanOrEqual(0)
      expect(x + size.width / 2).toBeLessThanOrEqual(width)
      expect(y + size.height / 2).toBeLessThanOrEqual(picture.height)
      const cell = `${Math.round(x / (size.width - 0.1))}/${Math.round(y)}/${compact}`
      expect(seen.has(cell), `${each.name} at ${cell}`).toBe(false)
      seen.add(cell)
    }
    expect(picture.nodes.filter((each) => each.node.rank === 3).every((each) => each.compact)).toBe(true)
  }
})

test('[CO16] a connection to a device that is not there is left out, one within a row is an arc', () => {
  const picture = layOut({ nodes: many(2, 2), edges: [edge('r2-0', 'nowhere'), edge('r2-0', 'r2-1')] }, 900)
  expect(picture.edges).toHaveLength(1)
  const only = picture.edges[0]
  expect(only === undefined ? '' : edgePath(only)).toMatch(/^M[\d. ]+Q/)
})
