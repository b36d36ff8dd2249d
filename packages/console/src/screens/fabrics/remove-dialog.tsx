import { useState } from 'react'
import { Button, Modal, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FabricView } from '@binnacle/protocol'
import { useServer } from '../../app-context.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { failureOf } from '../../parts/failure.ts'

/** Asks for the name before a fabric is removed. */
export function RemoveDialog({ fabric, onClose }: { readonly fabric: FabricView; readonly onClose: () => void }) {
  const server = useServer()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const remove = useMutation({
    mutationFn: () => server.removeFabric(fabric.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['fabrics'] })
      onClose()
      await navigate({ to: '/fabrics' })
    },
  })
  const failure = remove.isError ? failureOf(remove.error) : undefined
  return (
    <Modal opened onClose={onClose} title="Remove fabric">
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === fabric.name) remove.mutate()
        }}
      >
        <p>
          Binnacle stops watching{' '}
          <strong>
            <DataText text={fabric.name} />
          </strong>{' '}
          and forgets its objects, its events’ rows and its credential. Nothing in the cluster is touched.
        </p>
        {fabric.origin === 'configuration' && (
          <p className="gate-note">This fabric stands in the configuration. Take it out there too, or it comes back at the next start.</p>
        )}
        <TextInput
          label={`Type the name of the fabric: ${fabric.name}`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {failure !== undefined && (
          <p className="gate-error" role="alert">
            <DataText text={`${failure.title}. ${failure.remedy}`} />
          </p>
        )}
        <div className="dialog-actions">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={typed !== fabric.name} loading={remove.isPending}>
            Remove fabric
          </Button>
        </div>
      </form>
    </Modal>
  )
}
