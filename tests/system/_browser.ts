import { spawnSync } from 'node:child_process'
import { chromium, type Browser } from 'playwright-core'

/** Chromium for tests: BINNACLE_BROWSER, else one on PATH, else the one of the npm package. Throws with the remedy when there is none. */
export async function openBrowser(): Promise<Browser> {
  const named = process.env['BINNACLE_BROWSER']
  const candidates = named === undefined || named === '' ? ['chromium', 'chromium-browser', 'google-chrome'] : [named]
  const found = candidates.find((name) => spawnSync(name, ['--version'], { timeout: 30_000 }).status === 0)
  const executablePath =
    found === undefined
      ? await (await import('@sparticuz/chromium')).default.executablePath()
      : spawnSync('which', [found], { encoding: 'utf8' }).stdout.trim()
  if (executablePath === '') throw new Error('no Chromium: install the package chromium, or set BINNACLE_BROWSER to one')
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
