import { useState } from 'react'
import { Button, Checkbox, Modal, SegmentedControl, TextInput, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FabricView } from '@binnacle/protocol'
import { useServer } from '../../app-context.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { failureOf } from '../../parts/failure.ts'
import { connectionOf, formOf, inputOf } from './fabric-form.ts'
import type { FabricForm } from './fabric-form.ts'
import { TestReport } from './test-report.tsx'

/** Adds a fabric or changes one; the connection can be proven before it is saved. */
export function FabricDialog({ fabric, onClose }: { readonly fabric?: FabricView; readonly onClose: () => void }) {
  const server = useServer()
  const queries = useQueryClient()
  const [form, setForm] = useState(() => formOf(fabric))
  const [tried, setTried] = useState(false)
  const set = (change: Partial<FabricForm>) => setForm((before) => ({ ...before, ...change }))
  const result = inputOf(form, fabric)
  const complaints = 'complaints' in result ? result.complaints : []
  const complaint = (field: keyof FabricForm) => (tried ? complaints.find((each) => each.field === field)?.message : undefined)

  const save = useMutation({
    mutationFn: async () => {
      if (!('input' in result)) return
      await (fabric === undefined ? server.createFabric(result.input) : server.updateFabric(fabric.id, result.input))
      await queries.invalidateQueries({ queryKey: ['fabrics'] })
      if (fabric !== undefined) await queries.invalidateQueries({ queryKey: ['fabric', fabric.id] })
      onClose()
    },
  })
  const test = useMutation({
    mutationFn: async () => {
      const connection = connectionOf(form)
      if (connection !== undefined) return server.testConnection(connection)
      return server.testFabric(fabric?.id ?? 0)
    },
  })
  const failure = save.isError ? failureOf(save.error) : undefined
  const testFailure = test.isError ? failureOf(test.error) : undefined
  const connectionWrong = complaints.some((each) => ['server', 'token', 'ca', 'kubeconfig', 'context'].includes(each.field))
  const fixed = fabric?.origin === 'configuration'

  return (
    <Modal opened onClose={onClose} title={fabric === undefined ? 'Add fabric' : 'Edit fabric'} size="lg">
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          test.reset()
          if ('input' in result) save.mutate()
        }}
      >
        <div className="form-row">
          <TextInput
            label="Name"
            description="Lower case letters, digits, dashes"
            value={form.name}
            onChange={(event) => set({ name: event.target.value })}
            error={complaint('name')}
            spellCheck={false}
            required
            data-autofocus
          />
          <TextInput
            label="Description"
            description="What people call it"
            value={form.description}
            onChange={(event) => set({ description: event.target.value })}
            error={complaint('description')}
          />
        </div>
        {fixed ? (
          <p className="dim">The connection of this fabric is given in the configuration file and is changed there.</p>
        ) : (
          <fieldset className="form-group">
            <legend>Connection to the cluster</legend>
            <SegmentedControl
              size="xs"
              aria-label="How to connect"
              value={form.connection}
              onChange={(value) => {
                set({ connection: value === 'kubeconfig' || value === 'keep' ? value : 'url' })
                test.reset()
              }}
              data={[
                ...(fabric === undefined ? [] : [{ value: 'keep', label: 'Keep as it is' }]),
                { value: 'url', label: 'Address and token' },
                { value: 'kubeconfig', label: 'Kubeconfig' },
              ]}
            />
            {form.connection === 'url' && (
              <>
                <TextInput
                  label="API server"
                  placeholder="https://fabric-1.example.net:6443"
                  value={form.server}
                  onChange={(event) => set({ server: event.target.value })}
                  error={complaint('server')}
                  spellCheck={false}
                  required
                />
                <TextInput
                  label="Token"
                  description="Of a service account that may get, list and watch. It is sealed, never shown again."
                  type="password"
                  autoComplete="off"
                  value={form.token}
                  onChange={(event) => set({ token: event.target.value })}
                  error={complaint('token')}
                />
                <Textarea
                  label="CA certificate"
                  description="PEM; leave empty when the system's own authorities signed it"
                  autosize={false}
                  rows={4}
                  value={form.ca}
                  onChange={(event) => set({ ca: event.target.value })}
                  error={complaint('ca')}
                  spellCheck={false}
                  classNames={{ input: 'mono' }}
                />
              </>
            )}
            {form.connection === 'kubeconfig' && (
              <>
                <Textarea
                  label="Kubeconfig"
                  description="With certificates and token inside; programs and file paths in it are refused"
                  rows={8}
                  value={form.kubeconfig}
                  onChange={(event) => set({ kubeconfig: event.target.value })}
                  error={complaint('kubeconfig')}
                  spellCheck={false}
                  classNames={{ input: 'mono' }}
                  required
                />
                <TextInput
                  label="Context"
                  description="Empty for the current one"
                  value={form.context}
                  onChange={(event) => set({ context: event.target.value })}
                  error={complaint('context')}
                  spellCheck={false}
                />
              </>
            )}
          </fieldset>
        )}
        <details className="form-more">
          <summary>Watching</summary>
          <div className="form-row">
            <TextInput
              label="Stall deadline, seconds"
              description="Silence after which a watch is stale"
              inputMode="numeric"
              value={form.stallSeconds}
              onChange={(event) => set({ stallSeconds: event.target.value })}
              error={complaint('stallSeconds')}
            />
            <TextInput
              label="Heartbeat deadline, seconds"
              description="Silence after which a switch is silent"
              inputMode="numeric"
              value={form.heartbeatSeconds}
              onChange={(event) => set({ heartbeatSeconds: event.target.value })}
              error={complaint('heartbeatSeconds')}
            />
          </div>
          <div className="form-row">
            <TextInput
              label="Kinds that are not watched"
              description="Separated by commas, for example Catalog"
              value={form.disabledKinds}
              onChange={(event) => set({ disabledKinds: event.target.value })}
              error={complaint('disabledKinds')}
              spellCheck={false}
            />
            <TextInput
              label="Namespace"
              description="Hedgehog uses default"
              value={form.namespace}
              onChange={(event) => set({ namespace: event.target.value })}
              error={complaint('namespace')}
              spellCheck={false}
            />
          </div>
        </details>
        <Checkbox size="xs" label="Watch this fabric" checked={form.enabled} onChange={(event) => set({ enabled: event.target.checked })} />
        {testFailure !== undefined && (
          <p className="gate-error" role="alert">
            <DataText text={`${testFailure.title}: ${testFailure.detail}. ${testFailure.remedy}`} />
          </p>
        )}
        {test.data !== undefined && <TestReport key={test.submittedAt} report={test.data} />}
        {failure !== undefined && (
          <p className="gate-error" role="alert">
            <DataText text={`${failure.title}: ${failure.detail}. ${failure.remedy}`} />
          </p>
        )}
        <div className="dialog-actions">
          {!fixed && (
            <Button
              variant="default"
              loading={test.isPending}
              onClick={() => {
                setTried(true)
                save.reset()
                if (!connectionWrong) test.mutate()
              }}
            >
              Test connection
            </Button>
          )}
          <span className="grow" />
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {fabric === undefined ? 'Add fabric' : 'Save'}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
