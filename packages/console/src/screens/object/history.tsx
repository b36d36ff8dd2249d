import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import type { ResourceHistory } from '@binnacle/protocol'
import { useServer } from '../../app-context.tsx'
import { historyQuery } from '../../live/queries.ts'
import type { ObjectAddress } from '../../live/queries.ts'
import { Moment } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { visibleText } from '../../parts/visible-text.ts'
import { Empty, FailedView, LoadingView } from '../../parts/view-state.tsx'
import { diffLines, documentText } from './document-text.ts'

type Version = ResourceHistory['versions'][number]

function Change({ before, version }: { readonly before: Version | undefined; readonly version: Version }) {
  if (version.document === null) return <p className="dim">The object was deleted.</p>
  if (before?.document === undefined || before.document === null) return <p className="dim">The first version that is kept.</p>
  const lines = diffLines(documentText(before.document), documentText(version.document))
  if (lines === undefined) return <p className="dim">The versions are too long to compare here.</p>
  if (lines.length === 0) return <p className="dim">Nothing that is kept differs from the version before.</p>
  return (
    <pre className="diff">
      {lines.map((line, index) => (
        // Lines have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={line.sign === '+' ? 'diff-new' : line.sign === '-' ? 'diff-old' : undefined}>
          {`${line.sign} ${visibleText(line.text)}\n`}
        </span>
      ))}
    </pre>
  )
}

/** The versions of an object, newest first, each with what it changed. */
export function History({ address }: { readonly address: ObjectAddress }) {
  const query = useQuery(historyQuery(useServer(), address))
  const [open, setOpen] = useState<string>()
  const versions = query.data?.versions
  return (
    <section className="panel" aria-label="History">
      <div className="panel-head">
        <h2>History {versions !== undefined && <span className="count">{versions.length}</span>}</h2>
      </div>
      {versions === undefined ? (
        query.isError ? (
          <FailedView what="the history" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingView what="history" />
        )
      ) : versions.length === 0 ? (
        <Empty title="No version is kept">Versions are kept from the first change that Binnacle saw.</Empty>
      ) : (
        <ul className="versions">
          {versions.map((version, index) => (
            <li key={version.position}>
              <button
                type="button"
                className="plain version"
                aria-expanded={open === version.position}
                onClick={() => setOpen((before) => (before === version.position ? undefined : version.position))}
              >
                <span aria-hidden="true">{open === version.position ? '▾' : '▸'}</span>
                <Moment at={version.at} />
                <span className="mono dim">
                  version <DataText text={version.resource_version} />
                </span>
                <span className="mono dim wide-only">{version.position}</span>
                {version.document === null && <span className="pill">deleted</span>}
              </button>
              {open === version.position && <Change before={versions[index + 1]} version={version} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
