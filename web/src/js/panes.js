// The workspace's panes: details at the right, orders at the bottom, filled for the row under the cursor (R17). Keys held
// down ask only for the row where they stop.
import { all, one } from './dom.js';

const PAUSE = 40;
let waiting = null;
let asked = null;

function fill(html) {
  const answer = document.createElement('template');
  answer.innerHTML = html;
  for (const pane of all('[data-pane]')) {
    const fresh = one(`[data-pane-for="${pane.dataset.pane}"]`, answer.content);
    if (fresh) pane.replaceChildren(fresh);
  }
}

async function ask(row) {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(`${row.dataset.href}/panes${window.location.search}`, { signal: asked.signal, headers: { 'HX-Request': 'true' } });
    if (answer.ok) fill(await answer.text());
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

export function showPanes(row) {
  clearTimeout(waiting);
  waiting = setTimeout(() => ask(row), PAUSE);
}
