// Rows that open in place: `data-reveals="#id"` shows a hidden form with the cursor in it; Enter saves (it is a form),
// Escape puts it away and forgets what was typed.
import { on, one } from './dom.js';

function reveal(event, button) {
  event.preventDefault();
  const target = one(button.dataset.reveals);
  target.hidden = false;
  const field = one('input:not([type="hidden"]), select, textarea', target);
  field?.focus();
  field?.select?.();
}

function discard(event, holder) {
  const opener = one(`[data-reveals="#${holder.id}"]`);
  for (const form of holder.matches('form') ? [holder] : holder.querySelectorAll('form')) form.reset();
  holder.hidden = true;
  event.preventDefault();
  event.stopPropagation();
  opener?.focus();
}

export function startInline() {
  on('click', '[data-reveals]', reveal);
  on('keydown', '[data-inline]', (event, holder) => { if (event.key === 'Escape') discard(event, holder); });
  on('click', '[data-discard]', (event, button) => discard(event, button.closest('[data-inline]')));
}
