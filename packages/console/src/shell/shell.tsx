import { useCallback, useEffect, useRef, useState } from 'react'
import { Modal } from '@mantine/core'
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useSignInState } from '../app-context.tsx'
import { useFollowFabrics } from '../live/use-follow.ts'
import { LoadingView } from '../parts/view-state.tsx'
import { Navigation } from './navigation.tsx'
import { StaleBanner, useStaleSince } from './stale-banner.tsx'
import { NO_KEYS, SHORTCUTS, pressKey } from './shortcuts.ts'
import type { ShortcutAction } from './shortcuts.ts'
import { TopBar, useThemeSwitch } from './top-bar.tsx'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

function useShortcuts(act: (action: ShortcutAction) => void): void {
  const state = useRef(NO_KEYS)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('[role="dialog"]') !== null)
        return
      const result = pressKey(state.current, event.key, event.timeStamp)
      state.current = result.state
      if (result.action === undefined) return
      event.preventDefault()
      act(result.action)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [act])
}

function Help({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const more = [
    { keys: ['↑', '↓'], words: 'Move in a list' },
    { keys: ['Enter'], words: 'Open the row' },
    { keys: ['Esc'], words: 'Close what is open' },
  ]
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="sm">
      <div className="shortcuts">
        {[...SHORTCUTS, ...more].map((shortcut) => (
          <div key={shortcut.words} style={{ display: 'contents' }}>
            <span className="keys">
              {shortcut.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </span>
            <span>{shortcut.words}</span>
          </div>
        ))}
      </div>
    </Modal>
  )
}

/** Appears with each page: the element that had the focus went with the last one, so go on at the content, not at the top of everything. */
function FocusKeeper() {
  useEffect(() => {
    if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true })
  }, [])
  return null
}

function SignedIn() {
  const [menu, setMenu] = useState(false)
  const stale = useStaleSince() !== null
  const [help, setHelp] = useState(false)
  const navigate = useNavigate()
  const switchTheme = useThemeSwitch()
  useFollowFabrics()
  const { pathname } = useLocation()
  const act = useCallback(
    (action: ShortcutAction) => {
      const go = (to: string) => void navigate({ to })
      switch (action) {
        case 'search': {
          const field = document.querySelector<HTMLInputElement>('[data-search]')
          field?.focus()
          field?.select()
          return
        }
        case 'help':
          return setHelp(true)
        case 'go-fabrics':
          return go('/fabrics')
        case 'go-vpcs':
          return go('/vpcs')
        case 'go-switches':
          return go('/switches')
        case 'go-connections':
          return go('/connections')
        case 'go-events':
          return go('/events')
        case 'go-realtime':
          return go('/realtime')
        case 'theme':
          return switchTheme()
      }
    },
    [navigate, switchTheme],
  )
  useShortcuts(act)
  return (
    <div className={`shell${menu ? ' nav-shown' : ''}${stale ? ' shell-stale' : ''}`}>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <TopBar onMenu={() => setMenu((shown) => !shown)} onHelp={() => setHelp(true)} menuShown={menu} />
      <button
        type="button"
        className="nav-scrim"
        aria-label="Close the navigation"
        onClick={() => setMenu(false)}
        tabIndex={menu ? 0 : -1}
      />
      <FocusKeeper key={pathname} />
      <Navigation onGo={() => setMenu(false)} />
      <main className="main" id="main" tabIndex={-1}>
        <StaleBanner />
        <Outlet />
      </main>
      <Help opened={help} onClose={() => setHelp(false)} />
    </div>
  )
}

/** Leads to the sign-in page, once, and remembers where it came from. */
function ToSignIn() {
  const navigate = useNavigate()
  const [to] = useState(useLocation().href)
  useEffect(() => void navigate({ to: '/sign-in', search: { to }, replace: true }), [navigate, to])
  return <LoadingView what="the sign-in page" />
}

/** The frame of all pages that need a sign-in. */
export function Shell() {
  const state = useSignInState()
  if (state.step === 'asking') return <LoadingView what="your sign-in" />
  return state.step === 'signed_out' ? <ToSignIn /> : <SignedIn />
}
