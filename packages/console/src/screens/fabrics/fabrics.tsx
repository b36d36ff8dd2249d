import { useState } from 'react'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { kindOf, EXPECTED_KINDS } from '@binnacle/hedgehog'
import type { FabricList } from '@binnacle/protocol'
import { useServer, useSignInState } from '../../app-context.tsx'
import { isAdmin } from '../../live/sign-in.ts'
import { fabricsQuery } from '../../live/queries.ts'
import { Age } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { CauseNote, Fact, Facts } from '../../parts/evidence.tsx'
import { Origin } from '../../parts/origin.tsx'
import { Sign } from '../../parts/sign.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { toneOfFabric, wordOf } from '../../parts/tones.ts'
import { Empty, FailedView, LoadingView } from '../../parts/view-state.tsx'
import { FabricDialog } from './fabric-dialog.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { useTitle } from '../../parts/use-title.ts'

type Entry = FabricList['fabrics'][number]
type Dialog = { readonly open: 'add' } | { readonly open: 'edit' | 'remove'; readonly fabric: Entry } | undefined

/** The evidence behind the status of a fabric. */
export function FabricEvidence({
  fabric,
  watches,
}: {
  readonly fabric: Entry
  readonly watches: { readonly live: number; readonly wanted: number }
}) {
  return (
    <>
      <p className="evidence-head">
        <Sign tone={toneOfFabric(fabric.status)} /> <DataText text={fabric.name} />: {wordOf(fabric.status)}
      </p>
      <Facts>
        <Fact name="Derived from">
          the worst of its {watches.wanted} watches; {watches.live} {watches.live === 1 ? 'is' : 'are'} live
        </Fact>
        <Fact name="Since">
          <Age of={fabric.status_since} ago />
        </Fact>
        <Fact name="Source">
          Kubernetes API <DataText text={fabric.connection.server ?? fabric.connection.type} />
        </Fact>
      </Facts>
      {fabric.cause !== null && <CauseNote cause={fabric.cause} />}
      <Link to="/fabrics/$fabric" params={{ fabric: String(fabric.id) }}>
        All watches with their proof
      </Link>
    </>
  )
}

function Kinds({ fabric }: { readonly fabric: Entry }) {
  const entries = EXPECTED_KINDS.map((kind) => ({
    kind,
    entry: fabric.kinds.find((each) => each.kind === kind.kind && each.group === kind.group),
  }))
  const others = fabric.kinds.filter((each) => kindOf(each.kind, each.group)?.expected !== true && (each.objects ?? 0) > 0).length
  return (
    <div className="fabric-kinds">
      {entries.map(({ kind, entry }) => (
        <Link
          key={kind.slug}
          to="/$slug"
          params={{ slug: kind.slug }}
          search={{ fabric: fabric.id }}
          className="pill"
          title={kind.titlePlural}
        >
          <span className="dim">{kind.titlePlural}</span>
          {entry?.objects === undefined || entry.objects === null ? (
            <span className="never" title="Not listed yet">
              ◇<span className="hidden-visually">not listed yet</span>
            </span>
          ) : (
            <strong>{entry.objects}</strong>
          )}
        </Link>
      ))}
      {others > 0 && (
        <span className="pill dim">
          and {others} other {others === 1 ? 'kind' : 'kinds'}
        </span>
      )}
    </div>
  )
}

function FabricCard({
  fabric,
  admin,
  onDialog,
}: {
  readonly fabric: Entry
  readonly admin: boolean
  readonly onDialog: (dialog: Dialog) => void
}) {
  const complete = fabric.watches.live === fabric.watches.wanted
  return (
    <li className="panel fabric-card">
      <div className="fabric-card-head">
        <Link to="/fabrics/$fabric" params={{ fabric: String(fabric.id) }} className="fabric-name">
          <DataText text={fabric.name} />
        </Link>
        <StatusBadge tone={toneOfFabric(fabric.status)} word={fabric.status} label={`status of ${fabric.name}`}>
          <FabricEvidence fabric={fabric} watches={fabric.watches} />
        </StatusBadge>
        <span className="dim">
          for <Age of={fabric.status_since} />
        </span>
        <span className={complete ? 'watch-sum' : 'watch-sum watch-sum-short'}>
          <strong>
            {fabric.watches.live}/{fabric.watches.wanted}
          </strong>{' '}
          watches live
        </span>
        {fabric.connection.insecure && <span className="badge tone-failed">certificate not verified</span>}
        <span className="grow" />
        {admin && (
          <span className="card-actions">
            <Button variant="default" onClick={() => onDialog({ open: 'edit', fabric })}>
              Edit
            </Button>
            <Button variant="default" onClick={() => onDialog({ open: 'remove', fabric })}>
              Remove
            </Button>
          </span>
        )}
      </div>
      <p className="fabric-line dim">
        {fabric.description !== '' && (
          <>
            <DataText text={fabric.description} />
            {' · '}
          </>
        )}
        <span className="mono">
          <DataText text={fabric.connection.server ?? wordOf(fabric.connection.type)} />
        </span>
        {` · id ${fabric.id}`}
        {fabric.origin === 'configuration' && ' · given in the configuration'}
      </p>
      {fabric.cause !== null && toneOfFabric(fabric.status) !== 'healthy' && <CauseNote cause={fabric.cause} />}
      <Kinds fabric={fabric} />
    </li>
  )
}

/** All fabrics: how they are, how we know, and what is in them. */
export function FabricsScreen() {
  useTitle('Fabrics')
  const query = useQuery(fabricsQuery(useServer()))
  const state = useSignInState()
  const admin = isAdmin(state)
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)
  return (
    <div className="page">
      <div className="page-head">
        <h1>Fabrics</h1>
        <Origin query={query} what="REST snapshot, refreshed by events" at={query.data?.at} />
        <span className="grow" />
        {admin && <Button onClick={() => setDialog({ open: 'add' })}>Add fabric</Button>}
      </div>
      {query.data === undefined ? (
        query.isError ? (
          <FailedView what="the fabrics" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingView what="fabrics" />
        )
      ) : query.data.fabrics.length === 0 ? (
        <div className="panel">
          <Empty title="No fabric yet">
            {admin
              ? 'Add one with the address and token of its cluster, or paste a kubeconfig.'
              : 'An administrator can add one, or you have no grant on any.'}
          </Empty>
        </div>
      ) : (
        <ul className="fabric-list">
          {query.data.fabrics.map((fabric) => (
            <FabricCard key={fabric.id} fabric={fabric} admin={admin} onDialog={setDialog} />
          ))}
        </ul>
      )}
      {dialog?.open === 'add' && <FabricDialog onClose={close} />}
      {dialog?.open === 'edit' && <FabricDialog fabric={dialog.fabric} onClose={close} />}
      {dialog?.open === 'remove' && <RemoveDialog fabric={dialog.fabric} onClose={close} />}
    </div>
  )
}
