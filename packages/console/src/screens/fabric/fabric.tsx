import { useMemo, useState } from 'react'
import { Button } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { FabricDetail } from '@binnacle/protocol'
import { useServer, useSignInState } from '../../app-context.tsx'
import { isAdmin } from '../../live/sign-in.ts'
import { fabricQuery, watchesQuery } from '../../live/queries.ts'
import { useFollow } from '../../live/use-follow.ts'
import { idOf } from '../../search-text.ts'
import { Age } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { EventPanel } from '../../parts/event-panel.tsx'
import { CauseNote, Fact, Facts } from '../../parts/evidence.tsx'
import { Origin } from '../../parts/origin.tsx'
import { Sign } from '../../parts/sign.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { toneOfFabric, toneOfWatch, wordOf } from '../../parts/tones.ts'
import { FailedView, LoadingView } from '../../parts/view-state.tsx'
import { failureOf } from '../../parts/failure.ts'
import { FabricDialog } from '../fabrics/fabric-dialog.tsx'
import { RemoveDialog } from '../fabrics/remove-dialog.tsx'
import { TestReport } from '../fabrics/test-report.tsx'
import { NotFoundScreen } from '../not-found/not-found.tsx'
import { KindCounts } from './kind-counts.tsx'
import { SyncButton } from './sync-button.tsx'
import { TopologyPanel } from './topology-panel.tsx'
import { WatchTable } from './watch-table.tsx'
import { useTitle } from '../../parts/use-title.ts'

/** Kinds that the topology picture shows. */
const DRAWN = ['Switch', 'Server', 'Connection', 'External', 'ExternalAttachment', 'Gateway']

/** What the status of a fabric was derived from: its watches by state. */
function StatusEvidence({ detail }: { readonly detail: FabricDetail }) {
  const { fabric, watches } = detail
  const wanted = watches.filter((watch) => watch.expected || (watch.state !== 'not_served' && watch.state !== 'disabled'))
  const states = new Map<string, string[]>()
  for (const watch of wanted) states.set(watch.state, [...(states.get(watch.state) ?? []), watch.kind])
  const oldest = Math.max(0, ...wanted.map((watch) => watch.seconds_since_proof ?? 0))
  return (
    <>
      <p className="evidence-head">
        <Sign tone={toneOfFabric(fabric.status)} /> <DataText text={fabric.name} />: {wordOf(fabric.status)}
      </p>
      <p className="dim">The status of a fabric is the worst of its watches:</p>
      <ul className="evidence-list">
        {[...states].map(([state, kinds]) => (
          <li key={state}>
            <Sign tone={toneOfWatch(state)} size={10} /> {kinds.length} {wordOf(state)}
            {state !== 'live' && <span className="dim">: {kinds.join(', ')}</span>}
          </li>
        ))}
        {states.size === 0 && <li>There is no watch, so nothing is known.</li>}
      </ul>
      <Facts>
        <Fact name="Oldest proof">{Math.round(oldest)} s, when this was read</Fact>
        <Fact name="Since">
          <Age of={fabric.status_since} ago />
        </Fact>
        <Fact name="Source">
          Kubernetes API <DataText text={fabric.connection.server ?? wordOf(fabric.connection.type)} />
        </Fact>
      </Facts>
    </>
  )
}

function Connection({ fabric }: { readonly fabric: FabricDetail['fabric'] }) {
  const { connection } = fabric
  return (
    <p className="fabric-line dim">
      {fabric.description !== '' && (
        <>
          <DataText text={fabric.description} />
          {' · '}
        </>
      )}
      <span className="mono">
        <DataText text={connection.server ?? wordOf(connection.type)} />
      </span>
      {` · credential: ${wordOf(connection.credential)} · stale after ${fabric.settings.stall_deadline_seconds} s of silence · switches silent after ${fabric.settings.heartbeat_deadline_seconds} s`}
      {fabric.settings.disabled_kinds.length > 0 && ` · not watched: ${fabric.settings.disabled_kinds.join(', ')}`}
    </p>
  )
}

function Page({ id }: { readonly id: number }) {
  const server = useServer()
  const query = useQuery(fabricQuery(server, id))
  useTitle(query.data?.fabric.name ?? 'Fabric')
  const watches = useQuery(watchesQuery(server, id))
  const state = useSignInState()
  const admin = isAdmin(state)
  const [dialog, setDialog] = useState<'edit' | 'remove'>()
  const scope = `fabric/${id}`
  const events = useMemo(() => ({ scopes: [scope] }), [scope])
  useFollow(
    { scopes: [scope], types: ['fabric_*', 'watch_state_changed', 'sync_completed', 'cr_*'] },
    [
      ['fabric', id, 'detail'],
      ['fabric', id, 'watches'],
    ],
    1_500,
  )
  useFollow(
    { scopes: [scope], types: ['cr_*', 'switch_health_changed', 'sync_completed'], kinds: DRAWN },
    [['fabric', id, 'topology']],
    4_000,
  )
  const test = useMutation({ mutationFn: () => server.testFabric(id) })
  const detail = query.data
  if (detail === undefined)
    return (
      <div className="page">
        {query.isError ? (
          <FailedView what="this fabric" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingView what="the fabric" />
        )}
      </div>
    )
  const { fabric } = detail
  const newest = watches.data !== undefined && watches.dataUpdatedAt >= query.dataUpdatedAt ? watches.data.watches : detail.watches
  const receivedAt = Math.max(watches.dataUpdatedAt, query.dataUpdatedAt)
  const status = watches.data !== undefined && watches.dataUpdatedAt > query.dataUpdatedAt ? watches.data.status : fabric.status
  const testFailure = test.isError ? failureOf(test.error) : undefined
  return (
    <div className="page">
      <div className="page-head">
        <nav className="crumbs" aria-label="Breadcrumb">
          <Link to="/fabrics">Fabrics</Link>
          <span aria-hidden="true">›</span>
          <span>
            <DataText text={fabric.name} />
          </span>
        </nav>
        <h1>
          <DataText text={fabric.name} />
        </h1>
        <StatusBadge tone={toneOfFabric(status)} word={status} label={`status of ${fabric.name}`}>
          <StatusEvidence detail={{ ...detail, fabric: { ...fabric, status }, watches: [...newest] }} />
        </StatusBadge>
        <span className="dim">
          for <Age of={fabric.status_since} />
        </span>
        {fabric.connection.insecure && <span className="status tone-failed">certificate not verified</span>}
        <Origin query={query} what="REST snapshot, refreshed by events" at={detail.at} />
        <span className="grow" />
        <span className="card-actions">
          <SyncButton fabric={id} />
          {admin && (
            <>
              <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
                Test connection
              </Button>
              <Button variant="default" onClick={() => setDialog('edit')}>
                Edit
              </Button>
              <Button variant="default" onClick={() => setDialog('remove')}>
                Remove
              </Button>
            </>
          )}
        </span>
      </div>
      <Connection fabric={fabric} />
      {fabric.cause !== null && toneOfFabric(status) !== 'healthy' && <CauseNote cause={fabric.cause} />}
      {testFailure !== undefined && (
        <p className="gate-error" role="alert">
          <DataText text={`${testFailure.title}: ${testFailure.detail}. ${testFailure.remedy}`} />
        </p>
      )}
      {test.data !== undefined && <TestReport key={test.submittedAt} report={test.data} />}
      <KindCounts fabric={id} kinds={detail.kinds} />
      <TopologyPanel fabric={id} />
      <section className="panel" aria-label="Watches">
        <div className="panel-head">
          <h2>Watches</h2>
          <span className="panel-note">
            {newest.filter((watch) => watch.state === 'live').length} live; proof is the age of the last byte, event or bookmark
          </span>
          <span className="grow" />
          <span className="panel-note">
            told <Age of={receivedAt} ago />
          </span>
        </div>
        <WatchTable fabric={id} watches={newest} receivedAt={receivedAt} />
      </section>
      <EventPanel title="Events" filter={events} families={['cr', 'fabric']} />
      {dialog === 'edit' && <FabricDialog fabric={fabric} onClose={() => setDialog(undefined)} />}
      {dialog === 'remove' && <RemoveDialog fabric={fabric} onClose={() => setDialog(undefined)} />}
    </div>
  )
}

/** One fabric: how it is and how we know, what is in it, what happens. */
export function FabricScreen() {
  const { fabric } = useParams({ from: '/shell/fabrics/$fabric' })
  const id = idOf(fabric)
  return id === undefined ? <NotFoundScreen /> : <Page key={id} id={id} />
}
