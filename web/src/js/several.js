// A field that can be there more than once (e-mails, phones): "Add another" clones the <template>, a cross removes a row.
import { all, on, one } from './dom.js';

function add(_event, button) {
  const group = button.closest('[data-several]');
  const rows = one('[data-rows]', group);
  const made = one('template', group).content.cloneNode(true);
  const place = String(Date.now());
  for (const each of all('[data-numbered]', made)) {
    for (const name of ['id', 'for', 'name', 'value']) {
      if (each.getAttribute(name)?.includes('__n__')) each.setAttribute(name, each.getAttribute(name).replaceAll('__n__', place));
    }
  }
  rows.append(made);
  one('input:not([type="hidden"])', rows.lastElementChild)?.focus();
}

function remove(_event, button) {
  const group = button.closest('[data-several]');
  button.closest('[data-row]').remove();
  group.dispatchEvent(new Event('several', { bubbles: true }));
  one('[data-add-row]', group)?.focus();
}

export function startSeveral() {
  on('click', '[data-add-row]', add);
  on('click', '[data-remove-row]', remove);
}
