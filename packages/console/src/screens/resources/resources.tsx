/** In preparation. */
export function ResourcesScreen() {
  return (
    <div className="page">
      <h1>resources</h1>
    </div>
  )
}
