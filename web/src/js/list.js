// Tables marked `data-list`: a click on the name opens, a click elsewhere on the row selects, a double click or Enter opens;
// j/k or arrows move the cursor, Space selects, Shift selects a range.
import { all, isTyping, on, one, onEvery } from './dom.js';

let anchor = null;

const table = () => one('table[data-list]');
const rows = () => all('tbody tr[data-href]', table() ?? document.createElement('table'));
const tick = (row) => one('input[name="id"]', row);
const cursor = () => rows().find((row) => row.classList.contains('is-cursor'));

function open(row, isNewTab = false) {
  if (isNewTab) window.open(row.dataset.href, '_blank');
  else window.location.assign(row.dataset.href);
}

function show() {
  const list = rows();
  const picked = list.filter((row) => tick(row)?.checked);
  list.forEach((row) => row.classList.toggle('is-selected', picked.includes(row)));
  const bar = one('#picked');
  if (bar) {
    bar.hidden = picked.length === 0;
    one('[data-picked-count]', bar).textContent = String(picked.length);
  }
  const every = one('[data-pick-all]');
  if (every) {
    every.checked = picked.length > 0 && picked.length === list.length;
    every.indeterminate = picked.length > 0 && picked.length < list.length;
  }
}

function select(row, isOn) {
  if (tick(row)) tick(row).checked = isOn;
}

function selectTo(row, isOn) {
  const list = rows();
  const [from, to] = [list.indexOf(anchor ?? row), list.indexOf(row)].sort((a, b) => a - b);
  list.slice(Math.max(from, 0), to + 1).forEach((each) => select(each, isOn));
}

function pick(row, isRange) {
  if (!tick(row)) return;
  const isOn = !tick(row).checked;
  if (isRange) selectTo(row, true);
  else select(row, isOn);
  anchor = row;
  show();
}

function moveTo(row) {
  if (!row) return;
  cursor()?.classList.remove('is-cursor');
  row.classList.add('is-cursor');
  row.scrollIntoView({ block: 'nearest' });
}

function move(step, isRange) {
  // A button that still has the focus would take the next Space for itself.
  document.activeElement?.blur();
  const list = rows();
  const next = list[Math.min(Math.max(list.indexOf(cursor()) + step, 0), list.length - 1)];
  moveTo(next);
  if (isRange && next) { selectTo(next, true); show(); }
}

function click(event, row) {
  if (event.target.closest('a, button, input, label, summary, details')) return;
  if (window.getSelection().toString()) return;
  moveTo(row);
  pick(row, event.shiftKey);
}

function key(event) {
  if (!table() || isTyping(event) || one('dialog[open]') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.('details.menu, a, button') && (event.key === 'Enter' || event.key === ' ')) return;
  const row = cursor();
  const acts = {
    j: () => move(1), ArrowDown: () => move(1, event.shiftKey), k: () => move(-1), ArrowUp: () => move(-1, event.shiftKey),
    Enter: () => row && open(row), ' ': () => row && pick(row, event.shiftKey),
    Escape: () => { rows().forEach((each) => select(each, false)); show(); },
  };
  if (!acts[event.key] || (event.target.closest?.('details.menu') && event.key.startsWith('Arrow'))) return;
  if (event.key !== 'Escape') event.preventDefault();
  acts[event.key]();
}

/** An address with only what was filled in. */
function dropEmpty(event) {
  if (!event.detail.elt.matches('[data-drop-empty]')) return;
  const filled = event.detail.formData;
  for (const name of new Set(filled.keys())) {
    if (filled.getAll(name).every((value) => value === '')) filled.delete(name);
  }
}

/** The head of a table that fits stays in view; one that is wider than its panel scrolls sideways instead. */
function fit(wrap) {
  const measure = () => {
    wrap.classList.remove('is-fitting');
    wrap.classList.toggle('is-fitting', wrap.scrollWidth <= wrap.clientWidth);
  };
  new ResizeObserver(measure).observe(wrap.parentElement);
}

export function startList() {
  onEvery('.list-wrap', fit);
  document.addEventListener('htmx:configRequest', dropEmpty);
  on('click', 'table[data-list] tbody tr[data-href]', click);
  on('dblclick', 'table[data-list] tbody tr[data-href]', (event, row) => {
    if (!event.target.closest('button, input, label, summary')) open(row, row.hasAttribute('data-new-tab'));
  });
  on('click', 'table[data-list] input[name="id"]', (event, box) => {
    const row = box.closest('tr');
    if (event.shiftKey) selectTo(row, box.checked);
    anchor = row;
    show();
  });
  on('change', '[data-pick-all]', (_event, box) => { rows().forEach((row) => select(row, box.checked)); show(); });
  on('click', '[data-pick-none]', () => { rows().forEach((row) => select(row, false)); show(); });
  document.addEventListener('keydown', key);
  document.addEventListener('htmx:afterSettle', () => { anchor = null; if (table()) show(); });
  show();
}
