import { Menu, Popover, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { Link as RouteLink } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { useApp, useLinkState, useServer, useSignInState } from '../app-context.tsx'
import { isAdmin } from '../live/sign-in.ts'
import { linkView } from '../live/link.ts'
import { useNow } from '../live/now.ts'
import { fabricsQuery } from '../live/queries.ts'
import { Age, Moment } from '../parts/age.tsx'
import { DataText } from '../parts/data-text.tsx'
import { Fact, Facts } from '../parts/evidence.tsx'
import { Sign } from '../parts/sign.tsx'
import { clockText } from '../parts/time.ts'
import { toneOfFabric, worstTone } from '../parts/tones.ts'
import { Logo } from './logo.tsx'

function LinkIndicator() {
  const state = useLinkState()
  const view = linkView(state, useNow())
  return (
    <Popover position="bottom" withArrow shadow="md" trapFocus returnFocus withRoles>
      <Popover.Target>
        <button type="button" className="bar-link" aria-label={`Live connection: ${view.text}`} data-link={state.step}>
          <Sign tone={view.tone} />
          <span>{view.text}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className="evidence">
        <p className="evidence-head">Live connection</p>
        <Facts>
          <Fact name="State">{view.text}</Fact>
          <Fact name="Since">
            <Moment at={state.since} /> (<Age of={state.since} />)
          </Fact>
          {(state.step === 'live' || state.step === 'stale') && (
            <Fact name="Last frame">
              <Age of={state.heardAt} ago /> <span className="dim">(a beat is due every {Math.round(state.heartbeatMs / 1_000)} s)</span>
            </Fact>
          )}
          {(state.step === 'waiting' || state.step === 'ended') && (
            <Fact name="Why">
              <DataText text={state.reason} />
            </Fact>
          )}
        </Facts>
        <p className="dim">
          {view.staleSince === null
            ? 'What you see follows the log of the hub.'
            : 'What you see is as it was then; nothing is lost, missed events follow when the connection is back.'}
        </p>
        <RouteLink to="/realtime">More about the connection</RouteLink>
      </Popover.Dropdown>
    </Popover>
  )
}

function FabricsIndicator() {
  const link = linkView(useLinkState(), useNow())
  const fabrics = useQuery(fabricsQuery(useServer()))
  const list = fabrics.data?.fabrics
  if (list === undefined)
    return (
      <RouteLink to="/fabrics" className="bar-link wide-only">
        <Sign tone="unknown" />
        <span>fabrics: unknown</span>
      </RouteLink>
    )
  const judged = list.filter((fabric) => fabric.enabled)
  const tone = judged.length === 0 ? 'off' : worstTone(judged.map((fabric) => toneOfFabric(fabric.status)))
  const bad = judged.filter((fabric) => toneOfFabric(fabric.status) !== 'healthy')
  const first = bad[0]
  const text =
    judged.length === 0
      ? 'no fabric is watched'
      : first === undefined
        ? `${judged.length} ${judged.length === 1 ? 'fabric' : 'fabrics'} connected`
        : bad.length === 1
          ? `${first.name} ${first.status}`
          : `${bad.length} of ${judged.length} fabrics not connected`
  return (
    <RouteLink to="/fabrics" className="bar-link wide-only">
      <Sign tone={link.staleSince === null ? tone : 'stale'} />
      <span>
        <DataText text={link.staleSince === null ? text : `${text} at ${clockText(link.staleSince)}`} />
      </span>
    </RouteLink>
  )
}

/** Switches between light and dark; what is chosen is remembered, until then the system decides. */
export function useThemeSwitch(): () => void {
  const { setColorScheme } = useMantineColorScheme()
  const computed = useComputedColorScheme('light', { getInitialValueInEffect: false })
  return () => setColorScheme(computed === 'dark' ? 'light' : 'dark')
}

function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const choices = [
    ['auto', 'As the system'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ] as const
  return (
    <Menu position="bottom-end" shadow="md" width={170}>
      <Menu.Target>
        <button type="button" className="bar-icon" aria-label="Theme" title="Theme (t)">
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" />
            <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
          </svg>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(([value, words]) => (
          <Menu.Item
            key={value}
            onClick={() => setColorScheme(value)}
            rightSection={colorScheme === value ? '✓' : undefined}
            aria-current={colorScheme === value}
          >
            {words}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function UserMenu() {
  const state = useSignInState()
  const { signIn } = useApp()
  if (state.step !== 'signed_in') return null
  const { name, display_name: displayName } = state.user
  const shown = displayName === '' ? name : displayName
  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <button type="button" className="bar-user" aria-label={`Account of ${name}`}>
          <span className="avatar" aria-hidden="true">
            {Array.from(shown)[0]}
          </span>
          <span className="wide-only">
            <DataText text={shown} />
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <DataText text={name} />
          {isAdmin(state) && ' · administrator'}
        </Menu.Label>
        <Menu.Item onClick={() => void signIn.signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** The bar over everything: where you are, how old what you see is, and who you are. */
export function TopBar({
  onMenu,
  onHelp,
  menuShown,
}: {
  readonly onMenu: () => void
  readonly onHelp: () => void
  readonly menuShown: boolean
}) {
  return (
    <header className="bar always-dark">
      <button
        type="button"
        className="bar-icon nav-open"
        aria-label="Navigation"
        aria-expanded={menuShown}
        aria-controls="navigation"
        onClick={onMenu}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </button>
      <RouteLink to="/fabrics" className="brand" aria-label="Binnacle, start page">
        <Logo />
        Binnacle
      </RouteLink>
      <span className="bar-space" />
      <FabricsIndicator />
      <LinkIndicator />
      <button type="button" className="bar-icon wide-only" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={onHelp}>
        ?
      </button>
      <ThemeMenu />
      <UserMenu />
    </header>
  )
}
