import { Button, Menu, Modal, NativeSelect, PasswordInput, Popover, TextInput, Textarea, createTheme } from '@mantine/core'

/** The library's dark greys in the blue of the night watch. */
const NIGHT = ['#dce5ee', '#b9c6d4', '#94a5b8', '#6b7f94', '#35485c', '#223345', '#172535', '#101b27', '#0c1620', '#0a121b'] as const

/** Mantine's theme: small, square-ish controls in the console's own colours (styles/tokens.css). */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 6 },
  defaultRadius: 5,
  colors: { dark: NIGHT },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'xs' } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'xs' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'xs' } }),
    Modal: Modal.extend({ defaultProps: { centered: false, overlayProps: { backgroundOpacity: 0.45 } } }),
    Menu: Menu.extend({ defaultProps: { withArrow: true } }),
    Popover: Popover.extend({ defaultProps: { withinPortal: true } }),
  },
})
