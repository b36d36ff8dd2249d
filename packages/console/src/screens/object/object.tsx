/** In preparation. */
export function ObjectScreen() {
  return (
    <div className="page">
      <h1>object</h1>
    </div>
  )
}
