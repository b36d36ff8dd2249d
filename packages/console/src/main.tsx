import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { interpretSchemas } from '@binnacle/client'
import { Console } from './console.tsx'
import './styles/mantine.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './styles/shell.css'
import './styles/screens.css'

// The content security policy forbids generated code.
interpretSchemas()

const place = document.getElementById('root')
if (place === null) throw new Error('the page has no place for the console')
createRoot(place).render(
  <StrictMode>
    <Console />
  </StrictMode>,
)
