import type { Evidence, EvidenceResult, EvidenceStep } from './evidence-file.ts'

/** How a figure was measured, for people; by bench or soak. */
const METHODS: Readonly<Record<string, string>> = {
  sync:
    'Each reader is a process of its own, rounds go A B A′: raw undici and `JSON.parse`, then source + store + projector, then raw again. ' +
    'CPU is user and system time of all threads from the request to the committed listing; medians over the rounds. ' +
    '`aa_cpu_ratio` is A′ against A and says how steady the machine was. Nothing is pinned. A block of the main loop is seen from a timer; `own_cpu` counts only what the thread itself worked in between, so that neighbours are not in it. Figures beginning with `list_` are of a server without watch-lists.',
  watch:
    'Lab, writer, hub, client and two raw watches run at the same time, each in a process of its own. Latency counts from the sending of the change. ' +
    '`above_raw` is the percentile of the client callback minus that of the raw watch; `aa` is the difference of the two raw watches. ' +
    'Hops: from the watch line to the commit as the main thread hears of it, to the frame, to the callback in the other process.',
  idle: 'The demo as `npm start` runs it, without a browser, seen from outside through `/proc`: percent of one core, all threads of the process. The lab is a process of its own and reported apart.',
  kill9:
    'The hub is a process of its own under a steady load of writes and is killed without warning again and again; a client of the SDK stays connected throughout.',
  chaos: 'Faults come from a proxy in front of the lab that keeps its own time line; the states shown are compared with it.',
  reconnects:
    'The server cuts all watches at once, by reset and in order by turns. It counts the watches itself; sockets are those that Node.js holds, timers those that source and hub have set.',
}

type Goal = EvidenceResult['goals'][string]

const goalText = (goal: Goal): string =>
  [
    goal.max === undefined ? '' : `at most ${goal.max}`,
    goal.min === undefined ? '' : `at least ${goal.min}`,
    goal.is === undefined ? '' : `exactly ${goal.is}`,
  ]
    .filter((text) => text !== '')
    .join(', ')

function holds(value: number | string | undefined, goal: Goal): boolean {
  if (value === undefined) return false
  if (goal.is !== undefined && value !== goal.is) return false
  if (goal.max !== undefined && !(Number(value) <= goal.max)) return false
  return goal.min === undefined || Number(value) >= goal.min
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function measured(step: EvidenceStep, result: EvidenceResult): string {
  const rows = Object.entries(result.figures)
    .filter(([name]) => name !== 'scale')
    .map(([name, value]) => {
      const goal = result.goals[name]
      return [
        `\`${name}\``,
        String(value),
        goal === undefined ? '' : goalText(goal),
        goal === undefined ? '' : holds(value, goal) ? 'yes' : '**no**',
      ]
    })
  const verdict =
    result.invalid === undefined ? (result.met ? 'All goals met.' : '**Not all goals met.**') : `**Invalid run:** ${result.invalid}.`
  return [
    `### ${step.name}`,
    `${step.about}.`,
    table(['figure', 'measured', 'goal', 'met'], rows),
    `${verdict} Scale: ${String(result.figures['scale'] ?? 'full')}. Took ${step.seconds} s; load average ${step.load[0]} before, ${step.load[1]} after.`,
    METHODS[result.name] ?? '',
    `Again: \`${step.command}\``,
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

function chapter(evidence: Evidence): string {
  const { machine } = evidence
  const withoutResult = evidence.steps.filter(({ result }) => result === null)
  const missing = evidence.left_out.length === 0 ? '' : ` Left out of this run: ${evidence.left_out.join(', ')}.`
  return [
    `## Issue ${evidence.issue}`,
    `Commit \`${evidence.commit.slice(0, 12)}\`, ${evidence.date.slice(0, 10)}, a ${evidence.scale === 'short' ? 'run with the long parts scaled down (short)' : 'full run'} ` +
      `on ${machine.cores} cores (${machine.cpu}), ${machine.memory_gib} GiB, ${machine.os}, Node.js ${machine.node}.${missing}`,
    ...(withoutResult.length === 0
      ? []
      : [
          table(
            ['run', 'result', 'seconds', 'command'],
            withoutResult.map((step) => [step.name, step.summary ?? `exit ${step.exit}`, String(step.seconds), `\`${step.command}\``]),
          ),
        ]),
    ...evidence.steps.flatMap((step) => (step.result === null ? [] : [measured(step, step.result)])),
  ].join('\n\n')
}

/** docs/performance.md as it follows from the evidence; nothing in it is written by hand. */
export function performancePage(evidences: readonly Evidence[]): string {
  const chapters = evidences.length === 0 ? ['Nothing has been measured yet.'] : evidences.map(chapter)
  return `${[
    '# Performance',
    'Made by `scripts/performance.ts` from `docs/evidence/*.json`; do not edit. Every figure was measured by the command beside it, ' +
      'with its raw baseline in the same run. `npm run evidence -- ISSUE` measures everything anew from a fresh clone.',
    ...chapters,
  ].join('\n\n')}\n`
}
