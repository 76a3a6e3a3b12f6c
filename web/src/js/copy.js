// `data-copy="text"`: the button puts the text on the clipboard and shows that it did.
import { on, text } from './dom.js';
import { toast } from './toast.js';

async function copy(event, button) {
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(text('sayCopied'));
  } catch {
    toast(text('sayFailed'), 'bad');
    return;
  }
  button.classList.add('is-done');
  setTimeout(() => button.classList.remove('is-done'), 1500);
}

export function startCopy() {
  on('click', '[data-copy]', copy);
}
