import type { WatchState } from '@binnacle/protocol'
import type { HubView } from './_hub-view.ts'

/** The states of all expected kinds as REST showed them at some time between `asked` and `answered` (milliseconds since 1970). */
export interface Sample {
  readonly asked: number
  readonly answered: number
  readonly status: string
  readonly states: Readonly<Record<string, WatchState>>
}

const EVERY_MS = 200

/** Looks at the watch states of a fabric five times a second until told to end. */
export function sampleWatches(view: HubView, id: number): { readonly samples: readonly Sample[]; end(): Promise<void> } {
  const samples: Sample[] = []
  const end = new AbortController()
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const asked = Date.now()
      const { status, watches } = await view.watches(id)
      const states = Object.fromEntries(watches.filter(({ expected }) => expected).map(({ kind, state }) => [kind, state]))
      samples.push({ asked, answered: Date.now(), status, states })
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  }
  const running = run()
  return {
    samples,
    end: async () => {
      end.abort()
      await running
    },
  }
}

/** Samples taken wholly inside a span of time in which a kind was in a state that it must not be shown in then. */
export const untrue = (samples: readonly Sample[], from: number, to: number, wrong: (state: WatchState) => boolean): string[] =>
  samples
    .filter(({ asked, answered }) => asked >= from && answered <= to)
    .flatMap(({ asked, states }) =>
      Object.entries(states)
        .filter(([, state]) => wrong(state))
        .map(([kind, state]) => `${kind} ${state} at ${asked - from} ms`),
    )
