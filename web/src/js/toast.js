// Toasts: those the page came with fade by themselves; a fragment's answer can add one by the header
// `HX-Trigger: {"toast": {"text": "...", "kind": "done", "undo": {"href": "...", "label": "..."}}}`.
import { all, csrf, on, one, text } from './dom.js';

const STAYS = 6000;

function leave(toast) {
  toast.classList.add('is-leaving');
  setTimeout(() => toast.remove(), 200);
}

function fade(toast) {
  let timer = setTimeout(() => leave(toast), STAYS);
  toast.addEventListener('pointerenter', () => clearTimeout(timer));
  toast.addEventListener('pointerleave', () => { timer = setTimeout(() => leave(toast), STAYS / 2); });
}

function undoForm({ href, label }) {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = href;
  const token = Object.assign(document.createElement('input'), { type: 'hidden', name: '_csrf', value: csrf() });
  form.append(token, Object.assign(document.createElement('button'), { textContent: label }));
  return form;
}

export function toast(says, kind = 'done', undo = null) {
  const note = document.createElement('div');
  note.className = `toast-note toast-${kind}`;
  note.append(Object.assign(document.createElement('span'), { textContent: says }));
  if (undo) note.append(undoForm(undo));
  one('#toasts').append(note);
  fade(note);
}

export function startToasts() {
  all('#toasts .toast-note').forEach(fade);
  on('click', '[data-toast-close]', (_event, button) => leave(button.closest('.toast-note')));
  document.addEventListener('toast', ({ detail }) => toast(detail.text, detail.kind, detail.undo));
  document.addEventListener('htmx:sendError', () => toast(text('sayOffline'), 'bad'));
  document.addEventListener('htmx:responseError', ({ detail }) => {
    if (detail.xhr.status !== 422) toast(text('sayFailed'), 'bad');
  });
}
