import { useState } from 'react'
import { useFocusAtStart } from '../../parts/use-focus-at-start.ts'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router'
import { useApp, useSignInState } from '../../app-context.tsx'
import { safeReturn } from '../../live/sign-in.ts'
import { DataText } from '../../parts/data-text.tsx'
import { GateCard } from '../../parts/gate-card.tsx'
import { failureOf } from '../../parts/failure.ts'
import { useTitle } from '../../parts/use-title.ts'

/** Name and password. */
export function SignInScreen() {
  useTitle('Sign in')
  const { signIn } = useApp()
  const state = useSignInState()
  const { to } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const first = useFocusAtStart<HTMLInputElement>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  if (state.step === 'signed_in') return <Navigate to={safeReturn(to)} replace />
  const submit = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await signIn.signIn(name, password)
      await navigate({ to: safeReturn(to), replace: true })
    } catch (failure) {
      setError(failure)
      setPassword('')
    } finally {
      setBusy(false)
    }
  }
  const failure = error === undefined ? undefined : failureOf(error)
  return (
    <GateCard title="Sign in">
      <form
        className="gate-form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {state.step === 'signed_out' && state.reason !== null && error === undefined && (
          <p className="gate-note">
            <DataText text={state.reason} />
          </p>
        )}
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          ref={first}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          required
        />
        {failure !== undefined && (
          <p className="gate-error" role="alert">
            <DataText text={`${failure.title}. ${failure.remedy}`} />
          </p>
        )}
        <Button type="submit" loading={busy} fullWidth>
          Sign in
        </Button>
        <p className="dim gate-hint">
          No account yet? The first administrator is made with the set-up link that Binnacle printed when it started;{' '}
          <code>binnacle setup-link</code> prints a new one.
        </p>
      </form>
    </GateCard>
  )
}
