// Native <dialog>s: `data-opens="#id"` opens one, `data-closes` closes it, a click on the backdrop too. One that
// the server sends already decided (`data-open`) opens by itself.
import { on, one, onEvery } from './dom.js';

export function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector('[autofocus]')?.focus();
}

export function startDialogs() {
  on('click', '[data-opens]', (event, button) => {
    event.preventDefault();
    openDialog(one(button.dataset.opens));
  });
  on('click', '[data-closes]', (event, button) => {
    event.preventDefault();
    button.closest('dialog').close();
  });
  document.addEventListener('mousedown', (event) => {
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });
  onEvery('dialog[data-open]', (dialog) => {
    dialog.removeAttribute('open');
    openDialog(dialog);
  });
}
