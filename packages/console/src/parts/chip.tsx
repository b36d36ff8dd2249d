import { DataText } from './data-text.tsx'

/** A filter that is set, with the way to clear it. */
export function Chip({ label, onClear }: { readonly label: string; readonly onClear: () => void }) {
  return (
    <span className="chip">
      <DataText text={label} />
      <button type="button" aria-label={`Clear filter ${label}`} onClick={onClear}>
        ✕
      </button>
    </span>
  )
}
