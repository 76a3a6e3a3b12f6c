// Forms marked `data-guard`: say what is unsaved, warn before it is lost, Ctrl+S saves. Any form is sent once.
import { all, on, one, onEvery } from './dom.js';

const guarded = () => one('form[data-guard]');
const state = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string')).toString();

function check(form) {
  form.classList.toggle('is-dirty', state(form) !== form.dataset.was);
}

function save(event) {
  if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
  const form = event.target.closest?.('form[data-guard]') ?? guarded();
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(one('button[type="submit"]', form) ?? undefined);
}

function warn(event) {
  // Whatever is being sent now (also from a dialog over the form) is the person's decision.
  if (one('form[data-sent]')) return;
  if (all('form[data-guard].is-dirty').length > 0) event.preventDefault();
}

/** A second click on Save must not create a second customer. */
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method.toLowerCase() !== 'post') return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 'yes';
  setTimeout(() => delete form.dataset.sent, 4000);
}

/** The refused field, or the first one of a new form, has the cursor. */
function focusFirst() {
  const wrong = one('[aria-invalid="true"]');
  if (wrong) wrong.focus();
}

export function startForms() {
  onEvery('form[data-guard]', (form) => {
    // A form that came back refused still holds what nobody has saved.
    form.dataset.was = form.hasAttribute('data-unsaved') ? '' : state(form);
    check(form);
  });
  for (const type of ['input', 'change']) on(type, 'form[data-guard]', (_event, form) => check(form));
  on('several', 'form[data-guard]', (_event, form) => check(form));
  document.addEventListener('submit', sendOnce);
  document.addEventListener('keydown', save);
  window.addEventListener('beforeunload', warn);
  window.addEventListener('pageshow', () => all('form[data-sent]').forEach((form) => delete form.dataset.sent));
  document.addEventListener('htmx:afterRequest', ({ detail }) => { delete detail.elt.closest?.('form')?.dataset.sent; });
  focusFirst();
}
