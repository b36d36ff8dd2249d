import { useState } from 'react'
import type { ReactNode } from 'react'
import { Popover } from '@mantine/core'
import { DataText } from './data-text.tsx'
import { Sign } from './sign.tsx'
import { wordOf } from './tones.ts'
import type { Tone } from './tones.ts'

/** A status: shape, colour and word. */
export function Status({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span className={`status tone-${tone}`}>
      <Sign tone={tone} />
      <DataText text={wordOf(word)} />
    </span>
  )
}

/** A status that can be asked for its evidence: a button that opens what it was derived from. */
export function StatusBadge({
  tone,
  word,
  label,
  children,
}: {
  readonly tone: Tone
  readonly word: string
  /** What the status belongs to, for screen readers: "status of vpc-1". */
  readonly label: string
  /** The evidence. */
  readonly children: ReactNode
}) {
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" withArrow shadow="md" trapFocus returnFocus withRoles>
      <Popover.Target>
        <button
          type="button"
          className={`badge tone-${tone}`}
          aria-label={`${label}: ${wordOf(word)}. Show the evidence`}
          onClick={(event) => {
            event.stopPropagation()
            setOpened((before) => !before)
          }}
        >
          <Sign tone={tone} />
          <DataText text={wordOf(word)} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="evidence" aria-label={`Evidence for ${label}`} onClick={(event) => event.stopPropagation()}>
        {opened && children}
      </Popover.Dropdown>
    </Popover>
  )
}
