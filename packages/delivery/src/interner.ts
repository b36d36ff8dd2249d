/** Gives equal texts the same number while somebody holds them. Numbers are never used again. */
export class Interner {
  readonly #byText = new Map<string, { readonly id: number; holders: number }>()
  #next = 1

  /** The number of a text, held once more. */
  hold(text: string): number {
    const known = this.#byText.get(text)
    if (known !== undefined) {
      known.holders++
      return known.id
    }
    const id = this.#next++
    this.#byText.set(text, { id, holders: 1 })
    return id
  }

  /** Lets go of it once. */
  release(text: string): void {
    const known = this.#byText.get(text)
    if (known !== undefined && --known.holders === 0) this.#byText.delete(text)
  }

  /** How many texts are held. */
  get size(): number {
    return this.#byText.size
  }
}
