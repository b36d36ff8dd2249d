/** In preparation. */
export function RealtimeScreen() {
  return (
    <div className="page">
      <h1>realtime</h1>
    </div>
  )
}
