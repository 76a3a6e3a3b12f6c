// What a person sees: bytes over the wire and the time until the first customer's row is there, in a real Chromium.
//
//   node bench/browser.mjs ADDRESS COOKIE
//
// Prints a JSON list of { name, bytes, milliseconds }, medians of several visits. The pages themselves take the time, from
// the beginning of the navigation or the click to the frame after the content is there, so that what drives the browser is
// not measured.
import { createRequire } from 'node:module'

const require = createRequire(new URL('../e2e/package.json', import.meta.url))
const { chromium } = require('@playwright/test')
const [address, cookie] = process.argv.slice(2)
const VISITS = 5
const ROW = '#customer-list tbody tr a'

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync']
})

// Runs in every page before its own scripts: notes when a click happened and when what it asked for has been painted.
// Both are kept across pages, as moments since 1970.
function watch() {
  const now = () => performance.timeOrigin + performance.now()
  addEventListener('click', () => sessionStorage.setItem('began', now()), { capture: true })
  const isThere = ({ selector, path }) =>
    new RegExp(path).test(location.pathname) && document.querySelector(selector) !== null
  const look = () => {
    const wanted = JSON.parse(sessionStorage.getItem('wanted') ?? 'null')
    const began = Number(sessionStorage.getItem('began') ?? 0)
    if (wanted && (began || wanted.visit) && isThere(wanted)) {
      sessionStorage.removeItem('wanted')
      // After the frame that shows it.
      requestAnimationFrame(() => setTimeout(() =>
        sessionStorage.setItem('took', now() - (wanted.visit ? performance.timeOrigin : began))))
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

async function person() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const [name, value] = cookie.split('=')
  await context.addCookies([{ name, value, url: address }])
  await context.addInitScript(watch)
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  let bytes = 0
  devtools.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength })
  // A page of the same origin that loads nothing else: the session's notes begin there.
  await page.goto(`${address}/healthz`)
  await devtools.send('Network.clearBrowserCache')
  bytes = 0
  return { context, page, taken: () => { const all = bytes; bytes = 0; return all } }
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
const measured = new Map()
function note(name, bytes, milliseconds) {
  const of = measured.get(name) ?? { bytes: [], milliseconds: [] }
  of.bytes.push(bytes)
  of.milliseconds.push(milliseconds)
  measured.set(name, of)
}

async function timed(someone, name, wanted, act) {
  const { page } = someone
  await page.evaluate((wanted) => {
    sessionStorage.clear()
    sessionStorage.setItem('wanted', JSON.stringify(wanted))
  }, wanted)
  await act()
  await page.waitForFunction(() => sessionStorage.getItem('took'))
  const took = Number(await page.evaluate(() => sessionStorage.getItem('took')))
  await page.waitForLoadState('networkidle')
  note(name, someone.taken(), took)
}

const PERSON = '^/customers/[0-9a-f-]{36}'
for (let visit = 0; visit < VISITS; visit++) {
  const someone = await person()
  const { page } = someone
  const open = () => page.goto(`${address}/customers`, { waitUntil: 'commit' })
  const rows = { selector: ROW, path: '^/customers$', visit: true }
  const elsewhere = async () => { await page.goto(`${address}/healthz`); someone.taken() }
  await timed(someone, 'list, cold', rows, open)
  await elsewhere() // the list that is open must not be taken for the one that is asked for
  await timed(someone, 'list, warm', rows, open)
  const sorted = { selector: '#customer-list thead a[href*="sort=-name"]', path: '^/customers$' }
  await timed(someone, 'click: sort by name', sorted, () => page.click('#customer-list thead a[href*="sort=name"]'))
  await timed(someone, 'click: open a customer', { selector: 'h1', path: PERSON }, () => page.click(ROW))
  const contacts = { selector: 'a[href$="/contacts"][aria-current="page"]', path: `${PERSON}/contacts` }
  await timed(someone, 'click: contacts of a customer', contacts, () => page.click('a[href$="/contacts"]'))
  await someone.context.close()
}
await browser.close()
const list = [...measured].map(([name, of]) =>
  ({ name, bytes: median(of.bytes), milliseconds: median(of.milliseconds) }))
console.log(JSON.stringify(list))
