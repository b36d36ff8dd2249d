import { memo } from 'react'
import { useNow } from '../live/now.ts'
import { withReaderTimes } from './time.ts'
import { linkTarget, visiblePieces, visibleText } from './visible-text.ts'

/**
 * A text that came from somewhere else. It is only ever text: characters that hide or reorder are written out and
 * marked. With `links`, plain https addresses become links.
 */
export const DataText = memo(function DataText({
  text,
  links = false,
  className,
}: {
  readonly text: string
  readonly links?: boolean
  readonly className?: string
}) {
  const target = links ? linkTarget(text) : undefined
  const pieces = visiblePieces(text)
  const content = pieces.map((piece, index) =>
    piece.escaped ? (
      // The pieces of a text have no identity but their place.
      // oxlint-disable-next-line react/no-array-index-key
      <span key={index} className="escaped" title="a character that cannot be seen">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  )
  if (target !== undefined)
    return (
      <a href={target} rel="noreferrer noopener" target="_blank" className={className}>
        {content}
      </a>
    )
  return (
    <span className={className} title={text.length > 24 ? visibleText(text) : undefined}>
      {content}
    </span>
  )
})

/** A sentence of the server about a status: the times in it are shown as the reader's. */
export function StatusText({ text }: { readonly text: string }) {
  return <DataText text={withReaderTimes(text, useNow())} />
}
