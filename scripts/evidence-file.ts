/** A `RESULT` line of a bench or soak, as it was printed. */
export interface EvidenceResult {
  readonly name: string
  readonly figures: Readonly<Record<string, number | string>>
  readonly goals: Readonly<Record<string, { readonly max?: number; readonly min?: number; readonly is?: number | string }>>
  readonly met: boolean
  readonly invalid?: string
  readonly machine: Readonly<Record<string, number>>
}

/** One command that was run, and how it ended. */
export interface EvidenceStep {
  readonly name: string
  /** The command as a person would type it. */
  readonly command: string
  readonly about: string
  readonly exit: number
  readonly seconds: number
  /** Load average before and after: how busy the neighbours were. */
  readonly load: readonly [before: number, after: number]
  /** Of benches and soaks; null when it printed none. */
  readonly result: EvidenceResult | null
  /** The last line of the others: `N passed, N failed, N skipped`. */
  readonly summary: string | null
}

/** docs/evidence/ISSUE.json */
export interface Evidence {
  readonly issue: string
  /** The commit that was cloned. */
  readonly commit: string
  /** RFC 3339. */
  readonly date: string
  /** `short`: long runs were scaled down. */
  readonly scale: 'full' | 'short'
  /** Parts of the whole that were left out of this run. */
  readonly left_out: readonly string[]
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memory_gib: number
    readonly os: string
    /** The Node.js on PATH; the project fetches a newer one by itself. */
    readonly node_on_path: string
    readonly node: string
  }
  readonly steps: readonly EvidenceStep[]
  readonly met: boolean
}
