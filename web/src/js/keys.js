// "?" explains the keys; single letters and the arrows aside go where their link goes (`data-key="n"`, `data-key="j ArrowRight"`).
import { isTyping, one } from './dom.js';
import { openDialog } from './dialog.js';

function key(event) {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || one('dialog[open]')) return;
  if (event.key === '?') {
    event.preventDefault();
    openDialog(one('#keyboard-help'));
    return;
  }
  const link = /^([a-z]|ArrowLeft|ArrowRight)$/.test(event.key) ? one(`[data-key~="${event.key}"]`) : null;
  if (link) {
    event.preventDefault();
    link.click();
  }
}

export function startKeys() {
  document.addEventListener('keydown', key);
}
