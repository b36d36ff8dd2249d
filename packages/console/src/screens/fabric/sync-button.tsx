import { useState } from 'react'
import { Button, Popover } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { SyncReport } from '@binnacle/protocol'
import { useServer } from '../../app-context.tsx'
import { CauseNote } from '../../parts/evidence.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { Sign } from '../../parts/sign.tsx'
import { failureOf } from '../../parts/failure.ts'

function Report({ report }: { readonly report: SyncReport }) {
  const differences = report.kinds.reduce((sum, kind) => sum + (kind.differences ?? 0), 0)
  const failed = report.kinds.filter((kind) => kind.cause !== null)
  return (
    <>
      <p className="evidence-head">
        <Sign tone={report.ok ? 'healthy' : 'failed'} /> {report.ok ? 'Compared with the cluster' : 'The comparison is not complete'}
      </p>
      <p>
        {report.kinds.length - failed.length} of {report.kinds.length} kinds listed anew in {Math.round(report.ms)} ms;{' '}
        {differences === 0 ? 'no difference' : `${differences} ${differences === 1 ? 'difference' : 'differences'} became events`}.
      </p>
      <div className="sync-kinds">
        <table className="table">
          <thead>
            <tr>
              <th>Kind</th>
              <th className="num">Objects</th>
              <th className="num">Differences</th>
              <th>Digest</th>
            </tr>
          </thead>
          <tbody>
            {report.kinds.map((kind) => (
              <tr key={`${kind.kind}.${kind.group}`}>
                <td>{kind.kind}</td>
                <td className="num">{kind.objects ?? '–'}</td>
                <td className="num">{kind.differences ?? '–'}</td>
                <td className="mono dim">{kind.cause === null ? kind.digest?.slice(0, 12) : <DataText text={kind.cause.code} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {failed[0]?.cause !== null && failed[0] !== undefined && <CauseNote cause={failed[0].cause} />}
    </>
  )
}

/** "Sync from cluster": lists every kind anew and compares; deploys nothing. */
export function SyncButton({ fabric }: { readonly fabric: number }) {
  const server = useServer()
  const queries = useQueryClient()
  const [opened, setOpened] = useState(false)
  const sync = useMutation({
    mutationFn: () => server.syncCluster(fabric),
    onSettled: () => {
      setOpened(true)
      return queries.invalidateQueries({ queryKey: ['fabric', fabric] })
    },
  })
  const failure = sync.isError ? failureOf(sync.error) : undefined
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" withArrow shadow="md" width={420}>
      <Popover.Target>
        <Button
          variant="default"
          loading={sync.isPending}
          title="Lists every kind anew and compares it with what is kept. Deploys nothing."
          onClick={() => {
            setOpened(false)
            sync.mutate()
          }}
        >
          Sync from cluster
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="evidence" aria-label="Result of the sync">
        {failure !== undefined && (
          <>
            <p className="evidence-head">
              <Sign tone="failed" /> {failure.title}
            </p>
            <p>
              <DataText text={`${failure.detail}. ${failure.remedy}`} />
            </p>
          </>
        )}
        {sync.data !== undefined && <Report report={sync.data} />}
      </Popover.Dropdown>
    </Popover>
  )
}
