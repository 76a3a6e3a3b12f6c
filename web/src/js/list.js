// Tables marked `data-list`: a click on the name opens, a click elsewhere on the row selects, a double click or Enter opens;
// j/k or arrows move the cursor, Space selects, Shift selects a range, Ctrl+A the page and once more all that match. In the
// workspace (`data-list="workspace"`) a click anywhere shows the row in the panes beside, a double click or Enter opens.
import { all, isTyping, on, one, onEvery } from './dom.js';
import { showPanes } from './panes.js';

let anchor = null;
let kept = null;

const table = () => one('table[data-list]');
const isWorkspace = () => table()?.dataset.list === 'workspace' && window.innerWidth > 1100;
const rows = () => all('tbody tr', table() ?? document.createElement('table'));
const tick = (row) => one('input[name="id"]', row);
const cursor = () => rows().find((row) => row.classList.contains('is-cursor'));

function open(row, isNewTab = false) {
  if (!row.dataset.href) return;
  if (isNewTab) window.open(row.dataset.href, '_blank');
  else window.location.assign(row.dataset.href);
}

/** Those ticked, or everybody whom the filter finds. */
function showBar(picked, list) {
  const bar = one('#picked');
  if (!bar) return;
  const matching = one('[name="all"]', bar);
  const more = one('[data-pick-matching]', bar);
  if (picked.length < list.length) matching.value = '';
  bar.hidden = picked.length === 0;
  one('[data-picked-count]', bar).textContent = matching.value ? more.dataset.pickMatching : String(picked.length);
  more.hidden = matching.value !== '' || picked.length < list.length || !more.hasAttribute('data-has-more');
}

function show() {
  const list = rows();
  const picked = list.filter((row) => tick(row)?.checked);
  list.forEach((row) => row.classList.toggle('is-selected', picked.includes(row)));
  showBar(picked, list);
  const every = one('[data-pick-all]');
  if (every) {
    every.checked = picked.length > 0 && picked.length === list.length;
    every.indeterminate = picked.length > 0 && picked.length < list.length;
  }
}

function select(row, isOn) {
  if (tick(row)) tick(row).checked = isOn;
}

function selectAll(isOn) {
  rows().forEach((row) => select(row, isOn));
  show();
}

function selectMatching() {
  const more = one('[data-pick-matching][data-has-more]');
  if (!more) return;
  one('#picked [name="all"]').value = 'true';
  show();
}

/** The page first; asked once more, all that match. */
function selectMore() {
  const isPage = rows().every((row) => tick(row)?.checked);
  if (isPage) selectMatching();
  else selectAll(true);
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
  if (isWorkspace()) showPanes(row);
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
  const isLink = event.target.closest('a');
  if (isWorkspace() && isLink?.matches('.list-link') && !event.ctrlKey && !event.metaKey) event.preventDefault();
  else if (event.target.closest('a, button, input, label, summary, details')) return;
  if (window.getSelection().toString() && !event.shiftKey) return;
  moveTo(row);
  if (!isWorkspace() || event.shiftKey || event.ctrlKey || event.metaKey) pick(row, event.shiftKey);
  else anchor = row;
}

function key(event) {
  if (!table() || isTyping(event) || one('dialog[open]') || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== 'a' || !one('[data-pick-all]')) return;
    event.preventDefault();
    selectMore();
    return;
  }
  if (event.target.closest?.('details.menu, a, button') && (event.key === 'Enter' || event.key === ' ')) return;
  const row = cursor();
  const acts = {
    j: () => move(1), ArrowDown: () => move(1, event.shiftKey), k: () => move(-1), ArrowUp: () => move(-1, event.shiftKey),
    Enter: () => row && open(row), ' ': () => row && pick(row, event.shiftKey),
    Escape: () => selectAll(false),
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

/** What was ticked and where the cursor stood survive a fresh list. */
function keep() {
  kept = { all: one('#picked [name="all"]')?.value ?? '', picked: rows().filter((row) => tick(row)?.checked).map((row) => row.dataset.href), at: cursor()?.dataset.href };
}

function restore() {
  anchor = null;
  if (!table()) return;
  const matching = one('#picked [name="all"]');
  if (kept?.all && matching) {
    matching.value = kept.all;
    rows().forEach((row) => select(row, true));
  }
  for (const row of rows()) {
    if (kept?.picked.includes(row.dataset.href)) select(row, true);
    if (kept?.at === row.dataset.href) row.classList.add('is-cursor');
  }
  show();
}

export function startList() {
  onEvery('.list-wrap', fit);
  document.addEventListener('htmx:configRequest', dropEmpty);
  on('click', 'table[data-list] tbody tr', click);
  on('dblclick', 'table[data-list] tbody tr', (event, row) => {
    if (!event.target.closest('button, input, label, summary')) open(row, row.hasAttribute('data-new-tab'));
  });
  on('click', 'table[data-list] input[name="id"]', (event, box) => {
    const row = box.closest('tr');
    if (event.shiftKey) selectTo(row, box.checked);
    anchor = row;
    show();
  });
  on('change', '[data-pick-all]', (_event, box) => selectAll(box.checked));
  on('click', '[data-pick-none]', () => selectAll(false));
  on('click', '[data-pick-matching]', selectMatching);
  document.addEventListener('keydown', key);
  document.addEventListener('htmx:beforeSwap', keep);
  document.addEventListener('htmx:afterSettle', restore);
  show();
}
