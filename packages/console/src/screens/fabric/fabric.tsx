/** In preparation. */
export function FabricScreen() {
  return (
    <div className="page">
      <h1>fabric</h1>
    </div>
  )
}
