// The form of a new customer asks for what the chosen home channel asks for: the stars follow the choice.
import { all, on, one, onEvery } from './dom.js';

// What is asked of a name is shown at the last name.
const SHOWN_AT = { name: 'last_name' };

function mark(form) {
  const asks = JSON.parse(form.dataset.asks);
  const channel = one('[name="home_channel"]', form)?.value ?? '';
  const asked = new Set((asks[channel] ?? asks[''] ?? []).map((name) => SHOWN_AT[name] ?? name));
  const known = new Set(Object.values(asks).flat().map((name) => SHOWN_AT[name] ?? name));
  for (const name of known) {
    const field = one(`[name="${name}"]`, form);
    const label = field && one(`label[for="${field.id}"]`, form);
    if (!label) continue;
    field.required = asked.has(name);
    all('.field-need', label).forEach((star) => star.remove());
    if (!asked.has(name)) continue;
    const star = document.createElement('span');
    star.className = 'field-need';
    star.setAttribute('aria-hidden', 'true');
    star.textContent = '*';
    label.append(star);
  }
}

export function startAsks() {
  on('change', '[data-asks] [name="home_channel"]', (_event, select) => mark(select.closest('[data-asks]')));
  // A page that comes back from the browser's memory keeps what was chosen.
  onEvery('[data-asks]', mark);
}
