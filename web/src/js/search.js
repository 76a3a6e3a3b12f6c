// The box on top: `/` or Ctrl+K reach it, arrows walk through the hits, Enter opens the chosen or best one, Escape leaves.
// The hits themselves come from GET /search as a fragment (htmx attributes in layout.html).
import { all, isTyping, on, one } from './dom.js';

const box = () => one('#search-box');
const hits = () => all('#search-results [role="option"]');

function choose(index) {
  const list = hits();
  if (list.length === 0) return;
  const at = (index + list.length) % list.length;
  list.forEach((hit, i) => hit.setAttribute('aria-selected', String(i === at)));
  list[at].scrollIntoView({ block: 'nearest' });
  box().setAttribute('aria-activedescendant', list[at].id);
}

const chosen = () => hits().findIndex((hit) => hit.getAttribute('aria-selected') === 'true');

function open(isOpen) {
  box().closest('.search').classList.toggle('is-closed', !isOpen);
  box().setAttribute('aria-expanded', String(isOpen && hits().length > 0));
}

/** Fast scanners and typists press Enter before the hits are there: then the form's own address answers. */
function enter(event) {
  const hit = hits()[Math.max(chosen(), 0)];
  const isFresh = one('#search-results [data-for]')?.dataset.for === box().value.trim();
  if (!hit || !isFresh) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) window.open(hit.href, '_blank');
  else window.location.assign(hit.href);
}

function key(event) {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    open(true);
    choose(chosen() + (event.key === 'ArrowDown' ? 1 : -1));
  } else if (event.key === 'Enter') {
    enter(event);
  } else if (event.key === 'Escape') {
    open(false);
    box().blur();
  }
}

function reach(event) {
  const isSlash = event.key === '/' && !isTyping(event) && !event.ctrlKey && !event.metaKey;
  const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (!(isSlash || isK) || one('dialog[open]')) return;
  event.preventDefault();
  box().focus();
  box().select();
}

export function startSearch() {
  if (!box()) return;
  document.addEventListener('keydown', reach);
  box().addEventListener('keydown', key);
  box().addEventListener('focus', () => open(true));
  box().addEventListener('input', () => open(true));
  on('htmx:afterSwap', '#search-results', () => { open(true); choose(0); });
  on('mousedown', '#search-results', (event) => event.preventDefault());
}
