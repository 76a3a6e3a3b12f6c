// What a person sees: bytes over the wire and the time until the first customer's row is there, in a real Chromium.
//
//   node bench/browser.mjs ADDRESS COOKIE
//
// Prints a JSON list of { name, bytes, milliseconds }, medians of several visits.
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

async function person() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const [name, value] = cookie.split('=')
  await context.addCookies([{ name, value, url: address }])
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  let bytes = 0
  devtools.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength })
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

async function timed(someone, name, act, ready) {
  const started = performance.now()
  await act()
  await ready()
  const took = performance.now() - started
  await someone.page.waitForLoadState('networkidle')
  note(name, someone.taken(), took)
}

for (let visit = 0; visit < VISITS; visit++) {
  const someone = await person()
  const { page } = someone
  const open = () => page.goto(`${address}/customers`, { waitUntil: 'commit' })
  const rows = () => page.waitForSelector(ROW)
  await timed(someone, 'list, cold', open, rows)
  await timed(someone, 'list, warm', open, rows)
  const address_before = () => page.url()
  const before = address_before()
  await timed(someone, 'click: sort by name', () => page.click('#customer-list thead a[href*="sort=name"]'),
    () => page.waitForFunction((url) => location.href !== url, before))
  await timed(someone, 'click: open a customer', () => page.click(ROW), () => page.waitForSelector('h1'))
  await timed(someone, 'click: contacts of a customer', () => page.click('a[href$="/contacts"]'),
    () => page.waitForURL(/contacts/))
  await someone.context.close()
}
await browser.close()
const list = [...measured].map(([name, of]) =>
  ({ name, bytes: median(of.bytes), milliseconds: median(of.milliseconds) }))
console.log(JSON.stringify(list))
