import { Link } from '@tanstack/react-router'
import { kindOf } from '@binnacle/hedgehog'
import type { ResourceDetail } from '@binnacle/protocol'
import { DataText } from '../../parts/data-text.tsx'
import { DerivedEvidence } from '../../parts/evidence.tsx'
import { Sign } from '../../parts/sign.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { toneOfHealth, wordOf } from '../../parts/tones.ts'

type Edge = ResourceDetail['references']['outgoing'][number]

function Reference({ fabric, edge }: { readonly fabric: number; readonly edge: Edge }) {
  const kind = kindOf(edge.kind, edge.group)
  return (
    <li className={edge.exists ? 'reference' : 'reference reference-missing'} data-reference={`${edge.kind}/${edge.name}`}>
      <span className="reference-name">
        {edge.exists && kind !== undefined ? (
          <Link
            to="/fabrics/$fabric/$slug/$name"
            params={{ fabric: String(fabric), slug: kind.slug, name: edge.name }}
            search={{ namespace: edge.namespace === '' ? undefined : edge.namespace }}
          >
            <DataText text={edge.name} />
          </Link>
        ) : (
          <DataText text={edge.name} />
        )}{' '}
        <span className="reference-role dim">
          {kind?.title ?? <DataText text={edge.kind} />} · as {wordOf(edge.role)}
        </span>
      </span>
      {!edge.exists ? (
        <span className="status tone-failed">
          <Sign tone="failed" /> does not exist
        </span>
      ) : edge.status === null ? (
        <span className="dim">no status</span>
      ) : (
        <StatusBadge tone={toneOfHealth(edge.status.health)} word={edge.status.status} label={`status of ${edge.name}`}>
          <DerivedEvidence status={edge.status} />
        </StatusBadge>
      )}
    </li>
  )
}

function Side({
  title,
  none,
  fabric,
  edges,
}: {
  readonly title: string
  readonly none: string
  readonly fabric: number
  readonly edges: readonly Edge[]
}) {
  // What is missing stands first.
  const sorted = edges.toSorted(
    (a, b) => Number(a.exists) - Number(b.exists) || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  )
  return (
    <div>
      <h3 className="side-title">
        {title} <span className="count">{edges.length}</span>
      </h3>
      {edges.length === 0 ? (
        <p className="dim side-none">{none}</p>
      ) : (
        <ul className="references">
          {sorted.map((edge) => (
            <Reference key={`${edge.role}/${edge.kind}/${edge.namespace}/${edge.name}`} fabric={fabric} edge={edge} />
          ))}
        </ul>
      )}
    </div>
  )
}

/** What an object refers to and what refers to it, each with its status; what is missing first and loud. */
export function References({ fabric, references }: { readonly fabric: number; readonly references: ResourceDetail['references'] }) {
  return (
    <section className="panel" aria-label="References">
      <div className="panel-head">
        <h2>References</h2>
      </div>
      <div className="panel-body sides">
        <Side title="Refers to" none="It refers to nothing." fabric={fabric} edges={references.outgoing} />
        <Side title="Referred to by" none="Nothing refers to it." fabric={fabric} edges={references.incoming} />
      </div>
    </section>
  )
}
