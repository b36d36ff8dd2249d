/** In preparation. */
export function EventsScreen() {
  return (
    <div className="page">
      <h1>events</h1>
    </div>
  )
}
