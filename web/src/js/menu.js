// Menus are <details class="menu">. Script closes them on a click elsewhere or Escape and adds the arrow keys.
import { all, on } from './dom.js';

const ITEMS = '.menu-item:not([disabled])';

function closeOthers(event) {
  for (const menu of all('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

function move(event, menu) {
  const items = all(ITEMS, menu);
  if (!menu.open || items.length === 0) return;
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    items[(next + items.length) % items.length].focus();
  } else if (event.key === 'Escape') {
    event.preventDefault();
    menu.open = false;
    menu.querySelector('summary').focus();
  }
}

/** A menu opens towards the side on which there is room. */
function place(event) {
  const menu = event.target;
  if (!(menu instanceof Element) || !menu.matches('details.menu')) return;
  menu.classList.remove('menu-turned');
  const list = menu.open && menu.querySelector('.menu-list');
  if (!list) return;
  const { left, right } = list.getBoundingClientRect();
  menu.classList.toggle('menu-turned', left < 0 || right > document.documentElement.clientWidth);
}

export function startMenus() {
  document.addEventListener('toggle', place, true);
  document.addEventListener('click', closeOthers);
  document.addEventListener('focusin', closeOthers);
  on('keydown', 'details.menu', move);
}
