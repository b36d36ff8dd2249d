import { Suspense, lazy, useMemo, useState } from 'react'
import { Button } from '@mantine/core'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { kindBySlug } from '@binnacle/hedgehog'
import type { KindDefinition } from '@binnacle/hedgehog'
import { useServer } from '../../app-context.tsx'
import { fabricsQuery, objectQuery } from '../../live/queries.ts'
import type { ObjectAddress } from '../../live/queries.ts'
import { useFollow } from '../../live/use-follow.ts'
import { idOf } from '../../search-text.ts'
import { Age, Moment } from '../../parts/age.tsx'
import { DataText, StatusText } from '../../parts/data-text.tsx'
import { DerivedEvidence, Fact, Facts, WatchEvidence } from '../../parts/evidence.tsx'
import { EventPanel } from '../../parts/event-panel.tsx'
import { Origin } from '../../parts/origin.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { toneOfHealth, toneOfWatch, wordOf } from '../../parts/tones.ts'
import { FailedView, LoadingView, Note } from '../../parts/view-state.tsx'
import { failureOf } from '../../parts/failure.ts'
import { NotFoundScreen } from '../not-found/not-found.tsx'
import { documentText } from './document-text.ts'
import { History } from './history.tsx'
import { References } from './references.tsx'
import { useObjectGauges } from './use-object-gauges.ts'
import { Volatile } from './volatile.tsx'
import { useTitle } from '../../parts/use-title.ts'

const YamlView = lazy(() => import('./yaml-view.tsx'))

function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), 1_500)
    } catch {
      // The browser refused; the text can still be selected by hand.
      setCopied(false)
    }
  }
  return (
    <Button
      variant="default"
      size="compact-xs"
      onClick={() => {
        void copy()
      }}
    >
      {copied ? 'Copied' : 'Copy'}
    </Button>
  )
}

function Page({ kind, address }: { readonly kind: KindDefinition; readonly address: ObjectAddress }) {
  const server = useServer()
  const query = useQuery(objectQuery(server, address))
  useTitle(`${address.name} · ${kind.title}`)
  const fabrics = useQuery(fabricsQuery(server)).data?.fabrics
  const scope = `fabric/${address.fabric}`
  const events = useMemo(() => ({ scopes: [scope], kinds: [kind.kind], names: [address.name] }), [scope, kind.kind, address.name])
  const gauges = useObjectGauges(scope, kind.kind, address.name)
  const gone = query.isError && failureOf(query.error).code === 'NOT_FOUND'
  // References and derived status change with other objects of the fabric too; what is gone can only come back.
  useFollow(
    gone
      ? { ...events, types: ['cr_created'] }
      : { scopes: [scope], types: ['cr_*', 'switch_health_changed', 'watch_state_changed', 'sync_completed'] },
    [['object', address]],
    1_500,
  )
  const fabricName = fabrics?.find((fabric) => fabric.id === address.fabric)?.name ?? `fabric ${address.fabric}`
  const detail = query.data
  const text = useMemo(() => (detail === undefined ? '' : documentText(detail.actual)), [detail])
  return (
    <div className="page">
      <div className="page-head">
        <nav className="crumbs" aria-label="Breadcrumb">
          <Link to="/fabrics">Fabrics</Link>
          <span aria-hidden="true">›</span>
          <Link to="/fabrics/$fabric" params={{ fabric: String(address.fabric) }}>
            <DataText text={fabricName} />
          </Link>
          <span aria-hidden="true">›</span>
          <Link to="/$slug" params={{ slug: kind.slug }} search={{ fabric: address.fabric }}>
            {kind.titlePlural}
          </Link>
          <span aria-hidden="true">›</span>
          <span>
            <DataText text={address.name} />
          </span>
        </nav>
        <h1>
          <DataText text={address.name} />
        </h1>
        <span className="dim">{kind.title}</span>
        {detail !== undefined &&
          (detail.object.status === null ? (
            <span className="dim">no derived status</span>
          ) : (
            <StatusBadge
              tone={toneOfHealth(detail.object.status.health)}
              word={detail.object.status.status}
              label={`status of ${address.name}`}
            >
              <DerivedEvidence status={detail.object.status} changedAt={detail.object.changed_at} />
            </StatusBadge>
          ))}
        <Origin query={query} what="REST snapshot, refreshed by events" at={detail?.at} />
      </div>
      {gone && detail !== undefined && <Note tone="failed">This object is gone. Below is what it was.</Note>}
      {detail === undefined ? (
        query.isError ? (
          <>
            <FailedView what={`${kind.title} ${address.name}`} error={query.error} retry={() => void query.refetch()} />
            {gone && <History address={address} />}
          </>
        ) : (
          <LoadingView what="the object" />
        )
      ) : (
        <>
          {detail.watch !== null && toneOfWatch(detail.watch.state, detail.watch.expected) !== 'healthy' && (
            <Note tone="degraded">
              What you see may be old: the watch of this kind is{' '}
              <StatusBadge tone={toneOfWatch(detail.watch.state)} word={detail.watch.state} label={`watch of ${detail.watch.kind}`}>
                <WatchEvidence watch={detail.watch} receivedAt={query.dataUpdatedAt} />
              </StatusBadge>
            </Note>
          )}
          <div className="columns">
            <div className="stack">
              <section className="panel" aria-label="Columns">
                <div className="panel-head">
                  <h2>Overview</h2>
                </div>
                <div className="panel-body">
                  <Facts>
                    {detail.object.status !== null && (
                      <Fact name="Status">
                        <StatusText text={detail.object.status.text} />
                      </Fact>
                    )}
                    {kind.columns.map((column) => {
                      const value = detail.object.row[column.id]
                      return (
                        <Fact key={column.id} name={column.title}>
                          {value === null || value === undefined || value === '' ? (
                            <span className="dim">–</span>
                          ) : column.type === 'time' && typeof value === 'string' ? (
                            <>
                              <Moment at={value} />{' '}
                              <span className="dim">
                                (<Age of={value} ago />)
                              </span>
                            </>
                          ) : typeof value === 'boolean' ? (
                            value ? (
                              'yes'
                            ) : (
                              'no'
                            )
                          ) : (
                            <DataText text={String(value)} links />
                          )}
                        </Fact>
                      )
                    })}
                    <Fact name="Changed">
                      <Age of={detail.object.changed_at} ago /> <span className="dim mono">{detail.object.changed_at_position}</span>
                    </Fact>
                    <Fact name="Version">
                      <span className="mono">
                        <DataText text={detail.object.resource_version} />
                      </span>
                    </Fact>
                    <Fact name="Source">
                      Kubernetes API of <DataText text={fabricName} />
                      {detail.watch !== null && (
                        <>
                          {', watch '}
                          <StatusBadge
                            tone={toneOfWatch(detail.watch.state, detail.watch.expected)}
                            word={wordOf(detail.watch.state)}
                            label={`watch of ${detail.watch.kind}`}
                          >
                            <WatchEvidence watch={detail.watch} receivedAt={query.dataUpdatedAt} />
                          </StatusBadge>
                        </>
                      )}
                    </Fact>
                  </Facts>
                </div>
              </section>
              <References fabric={address.fabric} references={detail.references} />
              <Volatile detail={detail} receivedAt={query.dataUpdatedAt} live={gauges} />
            </div>
            <div className="stack">
              <section className="panel" aria-label="YAML">
                <div className="panel-head">
                  <h2>YAML</h2>
                  <span className="panel-note">as the cluster holds it, without secrets</span>
                  <span className="grow" />
                  <CopyButton text={text} />
                </div>
                <Suspense fallback={<LoadingView what="the text view" />}>
                  <YamlView text={text} />
                </Suspense>
              </section>
              <EventPanel title="Events of this object" filter={events} families={['cr', 'fabric']} />
              <History address={address} />
            </div>
          </div>
        </>
      )}
    </div>
  )
}

/** One object: what it is, how it is, what it is tied to, what happened to it. */
export function ObjectScreen() {
  const { fabric, slug, name } = useParams({ from: '/shell/fabrics/$fabric/$slug/$name' })
  const { namespace } = useSearch({ from: '/shell/fabrics/$fabric/$slug/$name' })
  const kind = kindBySlug(slug)
  const id = idOf(fabric)
  // Hedgehog keeps all its objects in one namespace, so a link without one means that.
  const place = namespace ?? 'default'
  const plural = kind?.plural
  const address = useMemo(
    () => (id === undefined || plural === undefined ? undefined : { fabric: id, plural, namespace: place, name }),
    [id, plural, place, name],
  )
  if (kind === undefined || address === undefined) return <NotFoundScreen />
  return <Page key={JSON.stringify(address)} kind={kind} address={address} />
}
