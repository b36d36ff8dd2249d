/** The mark of Binnacle: a compass in brass. */
export function Logo({ size = 22 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="13" fill="none" stroke="#d9b25f" strokeWidth="2" />
      <path d="M16 4.5v3M16 24.5v3M4.5 16h3M24.5 16h3" stroke="#d9b25f" strokeWidth="1.6" strokeLinecap="round" />
      <path d="M16 8 19.4 16h-6.8z" fill="#d9b25f" />
      <path d="M16 24 12.6 16h6.8z" fill="#6f88a3" />
    </svg>
  )
}
