import { Link } from '@tanstack/react-router'
import type { KindDefinition } from '@binnacle/hedgehog'
import type { ResourceRow } from '@binnacle/protocol'
import { Age } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { DerivedEvidence } from '../../parts/evidence.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { toneOfHealth } from '../../parts/tones.ts'
import { nameParts } from './list-columns.ts'
import type { ScreenColumn } from './list-columns.ts'
import { visibleText } from '../../parts/visible-text.ts'

/** One cell of a list. */
export function Cell({
  row,
  column,
  kind,
  fabricName,
  focusable,
}: {
  readonly row: ResourceRow
  readonly column: ScreenColumn
  readonly kind: KindDefinition
  readonly fabricName: string
  readonly focusable: boolean
}) {
  switch (column.type) {
    case 'name':
      return (
        <Link
          to="/fabrics/$fabric/$slug/$name"
          params={{ fabric: String(row.fabric_id), slug: kind.slug, name: row.name }}
          search={{ namespace: row.namespace === '' ? undefined : row.namespace }}
          className="row-name"
          title={visibleText(row.name)}
          tabIndex={focusable ? 0 : -1}
        >
          {nameParts(row.name).map((part, index) => part !== '' && <DataText key={index === 0 ? 'start' : 'end'} text={part} />)}
        </Link>
      )
    case 'fabric':
      return (
        <Link to="/fabrics/$fabric" params={{ fabric: String(row.fabric_id) }} tabIndex={-1}>
          <DataText text={fabricName} />
        </Link>
      )
    case 'status':
      return row.status === null ? (
        <span className="dim" title="Nothing tells a status of this object">
          –
        </span>
      ) : (
        <StatusBadge tone={toneOfHealth(row.status.health)} word={row.status.status} label={`status of ${row.name}`}>
          <DerivedEvidence status={row.status} changedAt={row.changed_at} />
        </StatusBadge>
      )
    case 'age':
      return <Age of={row.changed_at} />
    case 'string':
    case 'number':
    case 'boolean':
    case 'list':
    case 'time':
      return <Value value={row.row[column.id]} type={column.type} />
  }
}

function Value({
  value,
  type,
}: {
  readonly value: ResourceRow['row'][string] | undefined
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'time'
}) {
  if (value === null || value === undefined || value === '') return <span className="dim">–</span>
  if (typeof value === 'boolean') return value ? <span>yes</span> : <span className="dim">no</span>
  if (type === 'time' && typeof value === 'string') return <Age of={value} />
  return <DataText text={String(value)} />
}
