/** GET fabrics/:id/topology: devices and the connections between them. */
export interface Topology {
  readonly at: string
}
