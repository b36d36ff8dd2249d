import { useState } from 'react'
import { useFocusAtStart } from '../../parts/use-focus-at-start.ts'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useApp } from '../../app-context.tsx'
import { DataText } from '../../parts/data-text.tsx'
import { GateCard } from '../../parts/gate-card.tsx'
import { failureOf } from '../../parts/failure.ts'
import { passwordComplaint } from './password-complaint.ts'
import { useTitle } from '../../parts/use-title.ts'

/** The secret of a set-up link, from the fragment: browsers never send a fragment to a server. */
const secretInAddress = (): string => location.hash.replace(/^#/, '')

/** Makes the first administrator. The secret is only sent when the button is pressed, and then leaves the address bar. */
export function SetupScreen() {
  useTitle('Set up')
  const { signIn } = useApp()
  const navigate = useNavigate()
  const [secret] = useState(secretInAddress)
  const [name, setName] = useState('admin')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [touched, setTouched] = useState(false)
  const first = useFocusAtStart<HTMLInputElement>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const complaint = passwordComplaint(password, again)
  const submit = async () => {
    setTouched(true)
    if (complaint !== undefined) return
    setBusy(true)
    setError(undefined)
    // Out of the address bar and the history, whatever the answer will be.
    history.replaceState(history.state, '', '/setup')
    try {
      await signIn.setUp(secret, name, password)
      await navigate({ to: '/fabrics', replace: true })
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  if (secret === '')
    return (
      <GateCard title="Set-up link needed">
        <p>This page only works with the complete link that Binnacle printed when it started.</p>
        <p className="dim">
          Ask the operator of this installation to run <code>binnacle setup-link</code>. A link is valid for one hour and can be used once.
        </p>
        <Button component={Link} to="/sign-in" variant="default">
          To the sign-in page
        </Button>
      </GateCard>
    )
  const failure = error === undefined ? undefined : failureOf(error)
  return (
    <GateCard title="Create the administrator">
      <form
        className="gate-form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
        />
        <PasswordInput
          label="Password"
          description="At least 12 characters"
          name="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          required
          ref={first}
        />
        <PasswordInput
          label="Password again"
          name="password-again"
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.target.value)}
          required
        />
        {touched && complaint !== undefined && (
          <p className="gate-error" role="alert">
            {complaint}
          </p>
        )}
        {failure !== undefined && (
          <p className="gate-error" role="alert">
            <DataText text={`${failure.title}. ${failure.remedy}`} />
          </p>
        )}
        <Button type="submit" loading={busy} fullWidth>
          Create and sign in
        </Button>
      </form>
    </GateCard>
  )
}
