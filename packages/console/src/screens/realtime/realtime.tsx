import { useEffect } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useLinkState, useServer, useSignInState } from '../../app-context.tsx'
import { isAdmin } from '../../live/sign-in.ts'
import { linkView } from '../../live/link.ts'
import { useNow } from '../../live/now.ts'
import { connectionsQuery } from '../../live/queries.ts'
import { Age, Moment } from '../../parts/age.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { Fact, Facts } from '../../parts/evidence.tsx'
import { Status } from '../../parts/status-badge.tsx'
import { Empty, FailedView, LoadingView } from '../../parts/view-state.tsx'
import { LinkFacts } from './link-facts.tsx'
import { useTitle } from '../../parts/use-title.ts'

function Connections() {
  const query = useQuery(connectionsQuery(useServer()))
  const { refetch } = query
  const { step } = useLinkState()
  // This page's own connection is in the list as soon as it is made.
  useEffect(() => {
    if (step === 'live') void refetch()
  }, [step, refetch])
  return (
    <section className="panel" aria-label="Connections">
      <div className="panel-head">
        <h2>Everybody’s connections</h2>
        <span className="panel-note">for administrators</span>
      </div>
      {query.data === undefined ? (
        query.isError ? (
          <FailedView what="the connections" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingView what="connections" />
        )
      ) : query.data.connections.length === 0 ? (
        <Empty title="None when it was asked">It is asked again every 5 seconds.</Empty>
      ) : (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">User</th>
                <th scope="col">Transport</th>
                <th scope="col">Since</th>
                <th scope="col">Address</th>
                <th scope="col" className="num">
                  Last answer
                </th>
                <th scope="col" className="num">
                  Behind
                </th>
                <th scope="col" className="num">
                  Subscriptions
                </th>
                <th scope="col" className="num">
                  Frames
                </th>
                <th scope="col" className="num">
                  kB
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.connections.map((connection) => (
                <tr key={connection.id}>
                  <td>
                    <DataText text={connection.user} />
                  </td>
                  <td>{connection.transport}</td>
                  <td>
                    <Age of={connection.since} ago />
                  </td>
                  <td className="mono">
                    <DataText text={connection.address} />
                  </td>
                  <td className="num">{Math.round(connection.last_pong_ms / 100) / 10} s</td>
                  <td className={`num${connection.lagging ? ' tone-degraded' : ''}`}>
                    {connection.behind}
                    {connection.lagging && ' lagging'}
                  </td>
                  <td className="num">{connection.subscriptions}</td>
                  <td className="num">{connection.frames}</td>
                  <td className="num">{Math.round(connection.bytes / 1_024)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/** The live connection of this page, and for administrators everybody's. */
export function RealtimeScreen() {
  useTitle('Live connection')
  const state = useLinkState()
  const view = linkView(state, useNow())
  const signIn = useSignInState()
  return (
    <div className="page">
      <div className="page-head">
        <h1>Live connection</h1>
        <Status tone={view.tone} word={view.text} />
      </div>
      <section className="panel" aria-label="This page">
        <div className="panel-head">
          <h2>This page</h2>
        </div>
        <div className="panel-body">
          <Facts>
            <Fact name="State">{view.text}</Fact>
            <Fact name="Since">
              <Moment at={state.since} /> (<Age of={state.since} />)
            </Fact>
            <LinkFacts />
          </Facts>
        </div>
      </section>
      {isAdmin(signIn) && <Connections />}
    </div>
  )
}
