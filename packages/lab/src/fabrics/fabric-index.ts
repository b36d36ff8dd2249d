import type { KubeObject } from '../apiserver/kube-object.ts'
import { nameOfObject } from './lab-object.ts'

/** The objects of one fabric by kind and name; answers come sorted by name, so that what is built from them is stable. */
export class FabricIndex {
  readonly #kinds = new Map<string, Map<string, KubeObject>>()

  constructor(objects: Iterable<KubeObject> = []) {
    for (const object of objects) this.put(object)
  }

  put(object: KubeObject): void {
    const kind = this.#kinds.get(object.kind) ?? new Map<string, KubeObject>()
    kind.set(nameOfObject(object), object)
    this.#kinds.set(object.kind, kind)
  }

  remove(kind: string, name: string): void {
    this.#kinds.get(kind)?.delete(name)
  }

  /** Forgets all objects of a kind, before they are listed anew. */
  clear(kind: string): void {
    this.#kinds.delete(kind)
  }

  get(kind: string, name: string): KubeObject | undefined {
    return this.#kinds.get(kind)?.get(name)
  }

  all(kind: string): KubeObject[] {
    const named = this.#kinds.get(kind) ?? new Map<string, KubeObject>()
    return [...named.values()].toSorted((one, other) => (nameOfObject(one) < nameOfObject(other) ? -1 : 1))
  }
}
