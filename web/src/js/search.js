// Boxes that find while one types: the one on top (`/` or Ctrl+K reach it) and those that pick a record. Arrows walk through
// the hits, Enter takes the chosen or best one, Escape leaves. The hits come as a fragment (htmx attributes beside the box).
import { all, isTyping, on, one } from './dom.js';

const parts = (inside) => {
  const root = inside.closest('[data-finder]');
  return { root, box: one('[data-finder-box]', root), hits: all('[role="option"]', root) };
};

function choose({ box, hits }, index) {
  if (hits.length === 0) return;
  const at = (index + hits.length) % hits.length;
  hits.forEach((hit, i) => hit.setAttribute('aria-selected', String(i === at)));
  hits[at].scrollIntoView({ block: 'nearest' });
  box.setAttribute('aria-activedescendant', hits[at].id);
}

const chosen = ({ hits }) => hits.findIndex((hit) => hit.getAttribute('aria-selected') === 'true');

function open({ root, box, hits }, isOpen) {
  root.classList.toggle('is-closed', !isOpen);
  box.setAttribute('aria-expanded', String(isOpen && hits.length > 0));
}

/** Fast scanners and typists press Enter before the hits are there: then the form's own address answers. */
function enter(event, finder) {
  const hit = finder.hits[Math.max(chosen(finder), 0)];
  const isFresh = one('[data-for]', finder.root)?.dataset.for === finder.box.value.trim();
  if (!hit || !isFresh) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) window.open(hit.href, '_blank');
  else window.location.assign(hit.href);
}

function key(event, box) {
  const finder = parts(box);
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    open(finder, true);
    choose(finder, chosen(finder) + (event.key === 'ArrowDown' ? 1 : -1));
  } else if (event.key === 'Enter') {
    enter(event, finder);
  } else if (event.key === 'Escape') {
    open(finder, false);
    box.blur();
  }
}

function reach(event) {
  const isSlash = event.key === '/' && !isTyping(event) && !event.ctrlKey && !event.metaKey;
  const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  const box = one('#search-box');
  if (!box || !(isSlash || isK) || one('dialog[open]')) return;
  event.preventDefault();
  box.focus();
  box.select();
}

export function startSearch() {
  document.addEventListener('keydown', reach);
  on('keydown', '[data-finder-box]', key);
  for (const type of ['focusin', 'input']) on(type, '[data-finder-box]', (_event, box) => open(parts(box), true));
  on('htmx:afterSwap', '[data-finder-hits]', (_event, place) => {
    const finder = parts(place);
    open(finder, true);
    choose(finder, 0);
  });
  on('mousedown', '[data-finder-hits]', (event) => event.preventDefault());
}
