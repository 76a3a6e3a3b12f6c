// Side menu, theme, and small choices that the server reads from the cookie `ui` so that nothing jumps on the next page.
import { all, csrf, on, one } from './dom.js';

const YEAR = 60 * 60 * 24 * 365;

function kept() {
  const cookie = document.cookie.split('; ').find((part) => part.startsWith('ui='));
  return new Set(cookie ? cookie.slice(3).split('.').filter(Boolean) : []);
}

function keep(name, yes) {
  const choices = kept();
  if (yes) choices.add(name);
  else choices.delete(name);
  document.cookie = `ui=${[...choices].join('.')}; path=/; max-age=${YEAR}; samesite=lax`;
}

/** `data-toggle-class="narrow" data-on=".frame"`: flips the class; `data-keep` remembers it under that name. */
function toggleClass(_event, button) {
  const { toggleClass: name, on: target, keep: remember } = button.dataset;
  const isOn = one(target).classList.toggle(name);
  for (const twin of all(`[data-toggle-class="${name}"]`)) {
    if (twin.hasAttribute('aria-expanded')) twin.setAttribute('aria-expanded', String(isOn !== twin.hasAttribute('data-inverse')));
  }
  if (remember) keep(remember, isOn);
}

function chooseTheme(event, button) {
  event.preventDefault();
  const theme = button.value;
  document.documentElement.dataset.theme = theme;
  all('[name="theme"]').forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
  const body = new URLSearchParams({ theme, _csrf: csrf() });
  fetch(button.form.action, { method: 'POST', body, redirect: 'manual' });
}

function closeSide(event) {
  const frame = one('.side-open');
  if (frame && !event.target.closest('.side, [data-toggle-class="side-open"]')) frame.classList.remove('side-open');
}

export function startShell() {
  on('click', '[data-toggle-class]', toggleClass);
  on('click', 'button[name="theme"]', chooseTheme);
  document.addEventListener('click', closeSide);
  on('toggle', 'details[data-keep]', (_event, details) => keep(details.dataset.keep, details.open), true);
  on('change', '[data-submit]', (_event, field) => field.form.requestSubmit());
}
