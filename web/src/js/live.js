// Live pages: what somebody else changes shows here within two seconds, and nothing that is being typed is lost. A list marked
// `data-live="list"` is fetched again; a customer's page (`data-live-customer`, `data-version`) too, unless something is being
// typed on it or decided in a dialog: then a line says who changed it. No connection while the window is hidden.
import htmx from 'htmx.org';
import { one } from './dom.js';

/** A list is fetched again at most so often, in milliseconds. */
const PAUSE = 1000;
let source = null;
let waiting = null;
let fetched = 0;

const list = () => one('[data-live="list"]');
const record = () => one('[data-live-customer]');

/** Is somebody in the middle of something that a fresh page would take away? */
function isBusy() {
  const field = document.activeElement?.matches('main input:not([type=checkbox], [type=radio]), main textarea, main select');
  return Boolean(one('dialog[open], main details.menu[open], form.is-dirty, form[data-sent], [data-inline]:not([hidden])')) || Boolean(field);
}

function refreshList() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (!list()) return;
    fetched = Date.now();
    if (one('#customer-list dialog[open], #customer-list details.menu[open]')) refreshList();
    else htmx.ajax('GET', list().dataset.address, { target: '#customer-list', swap: 'outerHTML' });
  }, Math.max(0, fetched + PAUSE - Date.now()));
}

function sayChanged(by) {
  const line = one('#live-line');
  if (!line) return;
  one('[data-live-by]', line).textContent = by;
  line.hidden = false;
}

function refreshRecord(by) {
  if (isBusy()) sayChanged(by);
  else htmx.ajax('GET', window.location.href, { target: '#main', select: '#main', swap: 'outerHTML' });
}

function hear(news) {
  if (news.kind === 'closed') return;
  if (list()) refreshList();
  const open = record();
  if (!open || news.kind !== 'changed') return;
  const mine = news.customers.find((customer) => customer.id === open.dataset.liveCustomer);
  if (mine && mine.version > Number(open.dataset.version)) refreshRecord(mine.by);
}

function connect() {
  if (source || !(list() || record())) return;
  source = new EventSource('/live');
  source.onmessage = (event) => hear(JSON.parse(event.data));
}

function disconnect() {
  source?.close();
  source = null;
}

function follow() {
  if (document.hidden) disconnect();
  else if (!source) {
    connect();
    if (list()) refreshList();
  }
}

export function startLive() {
  connect();
  document.addEventListener('visibilitychange', follow);
  document.addEventListener('htmx:afterSettle', connect);
  window.addEventListener('pagehide', disconnect);
  window.addEventListener('pageshow', (event) => { if (event.persisted) connect(); });
}
