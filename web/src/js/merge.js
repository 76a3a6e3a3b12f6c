// In the merge workspace a record's head can be dragged onto the survivor's: it then survives. The radio does the same by
// click and by keyboard. A value picked by hand and a policy for the field exclude each other. The button stays where it is when
// the preview is exchanged, and a press on it waits for a preview that is on its way: what runs is what is shown.
import { all, on, one } from './dom.js';

let dragged = null;
let waits = false;

const form = () => one('#merge-form');
const button = () => one('#merge-foot button[form]');

function wait(is) {
  waits = is;
  button()?.toggleAttribute('aria-busy', is);
}

const isAsking = () => Boolean(form()?.classList.contains('htmx-request'));

function press(event) {
  if (event.target !== form() || !isAsking()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  wait(true);
}

// Another choice was made since the preview was asked for: it asks again, and only that answer is shown.
function overtaken({ detail }) {
  const asked = detail.requestConfig?.elt;
  if (asked?.id !== 'merge-form' || !asked.dataset.changed) return;
  delete asked.dataset.changed;
  detail.shouldSwap = false;
}

function exchanged({ detail }) {
  if (detail.target.id !== 'merge') return;
  const mayMerge = Boolean(form()?.hasAttribute('data-may-merge'));
  all('#merge-foot [data-when-open]').forEach((part) => { part.hidden = !mayMerge; });
  if (!waits || isAsking()) return;
  wait(false);
  if (mayMerge) form().requestSubmit(button());
}

function failed({ detail }) {
  if (detail.elt.id === 'merge-form') wait(false);
}

export function startMerge() {
  document.addEventListener('submit', press, { capture: true });
  on('change', '#merge-form', (_event, changed) => { if (isAsking()) changed.dataset.changed = 'yes'; }, { capture: true });
  document.addEventListener('htmx:beforeSwap', overtaken);
  document.addEventListener('htmx:afterSettle', exchanged);
  for (const type of ['htmx:sendError', 'htmx:responseError']) document.addEventListener(type, failed);
  on('dragstart', '[data-merge-card]', (event, card) => {
    dragged = card;
    event.dataTransfer.effectAllowed = 'move';
  });
  for (const type of ['dragenter', 'dragover']) {
    on(type, '[data-merge-survivor]', (event, place) => {
      if (!dragged || dragged === place) return;
      event.preventDefault();
      place.classList.add('is-over');
    });
  }
  const early = { capture: true };
  on('change', '[data-field-policy]', (_event, policy) => {
    all('input[type="radio"]', policy.closest('tr')).forEach((radio) => { radio.checked = false; });
  }, early);
  on('change', '.merge td input[type="radio"]', (_event, radio) => {
    const policy = one('[data-field-policy]', radio.closest('tr'));
    if (policy) policy.value = '';
  }, early);
  on('dragend', '[data-merge-card]', () => {
    dragged = null;
    all('[data-merge-survivor].is-over').forEach((place) => place.classList.remove('is-over'));
  });
  on('drop', '[data-merge-survivor]', (event) => {
    event.preventDefault();
    const choice = dragged && one('input[name="survivor"]', dragged);
    if (!choice) return;
    choice.checked = true;
    choice.dispatchEvent(new Event('change', { bubbles: true }));
  });
}
