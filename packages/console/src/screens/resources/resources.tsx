import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { NativeSelect, TextInput } from '@mantine/core'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { kindBySlug } from '@binnacle/hedgehog'
import type { KindDefinition } from '@binnacle/hedgehog'
import { useApp, useServer } from '../../app-context.tsx'
import { createListStore } from '../../live/list-store.ts'
import type { ListSnapshot } from '../../live/list-store.ts'
import type { ListView } from '../../live/list-state.ts'
import { fabricsQuery } from '../../live/queries.ts'
import { browserTimers } from '../../live/throttle.ts'
import { Chip } from '../../parts/chip.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { WatchEvidence } from '../../parts/evidence.tsx'
import { Origin } from '../../parts/origin.tsx'
import { StatusBadge } from '../../parts/status-badge.tsx'
import { toneOfWatch, wordOf } from '../../parts/tones.ts'
import { Empty, FailedView, LoadingView, Note } from '../../parts/view-state.tsx'
import { NotFoundScreen } from '../not-found/not-found.tsx'
import { nextSort, nameWidthOf, screenColumns, statusChoices } from './list-columns.ts'
import { ResourceTable } from './resource-table.tsx'
import { useTitle } from '../../parts/use-title.ts'

/** Milliseconds after the last key before a search is asked. */
const SEARCH_MS = 220

function useList(kind: KindDefinition, view: ListView) {
  const { server, link } = useApp()
  const { fabric, q, status, sort } = view
  const store = useMemo(
    () => createListStore({ server, link, timers: browserTimers, now: Date.now }, kind.plural, kind.kind, { fabric, q, status, sort }),
    [server, link, kind, fabric, q, status, sort],
  )
  useEffect(() => {
    store.start()
    return store.stop
  }, [store])
  return { store, state: useSyncExternalStore(store.onState, store.state) }
}

function SearchField({
  value,
  label,
  onChange,
}: {
  readonly value: string
  readonly label: string
  readonly onChange: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  if (known !== value) {
    // The address changed by other means (back, a chip): show that.
    setKnown(value)
    setText(value)
  }
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => {
      setKnown(text)
      onChange(text)
    }, SEARCH_MS)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <TextInput
      data-search
      className="search"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
      rightSection={text === '' ? <kbd aria-hidden="true">/</kbd> : undefined}
      spellCheck={false}
      autoComplete="off"
    />
  )
}

/** What is not whole about the list: fabrics that are not listed yet, watches that are not live. */
function Completeness({ state }: { readonly state: ListSnapshot }) {
  const { list } = state
  if (list === undefined) return null
  // An optional kind that a cluster does not serve lacks nothing.
  const off = list.fabrics.filter(({ listed, watch }) => {
    if (watch === null) return !listed
    if (watch.state === 'not_served' && !watch.expected) return false
    return !listed || watch.state !== 'live'
  })
  return (
    <>
      {state.resyncing && (
        <Note tone="changing">Resyncing: events were missed, a new snapshot is being read. What you see is as it was before.</Note>
      )}
      {off.map((fabric) => (
        <Note key={fabric.id} tone={fabric.listed ? 'degraded' : 'unknown'}>
          <DataText text={fabric.name} />
          {fabric.listed ? ': what you see may be old. Watch: ' : ': not complete. Watch: '}
          {fabric.watch === null ? (
            'none'
          ) : (
            <StatusBadge
              tone={toneOfWatch(fabric.watch.state, fabric.watch.expected)}
              word={fabric.watch.state}
              label={`watch of ${fabric.watch.kind} in ${fabric.name}`}
            >
              <WatchEvidence watch={fabric.watch} receivedAt={state.readAt} />
            </StatusBadge>
          )}
          {fabric.watch?.cause !== null && fabric.watch !== null && (
            <>
              {' '}
              <DataText text={fabric.watch.cause.message} />. <DataText text={fabric.watch.cause.remedy} />
            </>
          )}
        </Note>
      ))}
    </>
  )
}

function ListScreen({ kind }: { readonly kind: KindDefinition }) {
  useTitle(kind.titlePlural)
  const search = useSearch({ from: '/shell/$slug' })
  const navigate = useNavigate()
  const view: ListView = { fabric: search.fabric, q: search.q, status: search.status, sort: search.sort }
  const { store, state } = useList(kind, view)
  const fabrics = useQuery(fabricsQuery(useServer())).data?.fabrics
  const change = useCallback(
    (next: Partial<typeof search>) =>
      void navigate({ to: '/$slug', params: { slug: kind.slug }, search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate, kind.slug],
  )
  const onSearch = useCallback((text: string) => change({ q: text === '' ? undefined : text }), [change])
  const { list } = state
  const nameWidth = nameWidthOf(list?.rows ?? [])
  const columns = useMemo(() => screenColumns(kind, search.fabric === undefined, nameWidth), [kind, search.fabric, nameWidth])
  const shownFabric = fabrics?.find((fabric) => fabric.id === search.fabric)
  const filtered = search.q !== undefined || search.status !== undefined || search.fabric !== undefined
  return (
    <div className="page page-fill">
      <div className="page-head">
        <nav className="crumbs" aria-label="Breadcrumb">
          <Link to="/fabrics">Fabrics</Link>
          <span aria-hidden="true">›</span>
          {search.fabric !== undefined && (
            <>
              <Link to="/fabrics/$fabric" params={{ fabric: String(search.fabric) }}>
                <DataText text={shownFabric?.name ?? `fabric ${search.fabric}`} />
              </Link>
              <span aria-hidden="true">›</span>
            </>
          )}
          <span>{kind.titlePlural}</span>
        </nav>
        <h1>
          {kind.titlePlural} {list !== undefined && <span className="count">{list.total}</span>}
        </h1>
        <Origin
          query={{ dataUpdatedAt: state.readAt, isError: state.error !== undefined, error: state.error }}
          what="Snapshot and the events since"
          at={list?.at}
        />
      </div>
      <div className="list-tools">
        <div className="toolbar">
          <SearchField value={search.q ?? ''} label={`Search ${kind.titlePlural}`} onChange={onSearch} />
          <NativeSelect
            aria-label="Fabric"
            value={search.fabric === undefined ? '' : String(search.fabric)}
            onChange={(event) => change({ fabric: event.target.value === '' ? undefined : Number(event.target.value) })}
            data={[
              { value: '', label: 'All fabrics' },
              ...(fabrics ?? []).map((fabric) => ({ value: String(fabric.id), label: fabric.name })),
            ]}
          />
          <NativeSelect
            aria-label="Status"
            value={search.status ?? ''}
            onChange={(event) => change({ status: event.target.value === '' ? undefined : event.target.value })}
            data={[
              { value: '', label: 'Any status' },
              ...statusChoices(list?.rows ?? [], search.status).map((status) => ({ value: status, label: wordOf(status) })),
            ]}
          />
          {search.fabric !== undefined && (
            <Chip label={`fabric: ${shownFabric?.name ?? search.fabric}`} onClear={() => change({ fabric: undefined })} />
          )}
          {search.status !== undefined && <Chip label={`status: ${wordOf(search.status)}`} onClear={() => change({ status: undefined })} />}
          {search.q !== undefined && <Chip label={`search: ${search.q}`} onClear={() => change({ q: undefined })} />}
        </div>
        <Completeness state={state} />
      </div>
      <div className="panel rows-panel">
        {list === undefined ? (
          state.step === 'failed' ? (
            <FailedView what={kind.titlePlural} error={state.error} retry={store.refresh} />
          ) : (
            <LoadingView what={kind.titlePlural} />
          )
        ) : list.rows.length === 0 ? (
          list.fabrics.some((fabric) => !fabric.listed) ? (
            <Empty title="Nothing known yet">The cluster has not been listed completely, so this is not “none”.</Empty>
          ) : filtered ? (
            <Empty title={`No ${kind.title} matches`}>
              <button
                type="button"
                className="plain linklike"
                onClick={() => change({ fabric: undefined, q: undefined, status: undefined })}
              >
                Clear all filters
              </button>
            </Empty>
          ) : (
            <Empty title={`There is no ${kind.title}`}>The list is complete: the cluster holds none.</Empty>
          )
        ) : (
          <ResourceTable
            list={list}
            kind={kind}
            columns={columns}
            sort={search.sort}
            onSort={(column) => change({ sort: nextSort(search.sort, column) })}
            onMore={store.loadMore}
            loadingMore={state.loadingMore}
          />
        )}
      </div>
    </div>
  )
}

/** The list of one kind; everything that is chosen stands in the address. */
export function ResourcesScreen() {
  const { slug } = useParams({ from: '/shell/$slug' })
  const kind = kindBySlug(slug)
  return kind === undefined ? <NotFoundScreen /> : <ListScreen key={kind.slug} kind={kind} />
}
