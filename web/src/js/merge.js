// In the merge workspace a record's head can be dragged onto the survivor's: it then survives. The radio does the same by
// click and by keyboard. A value picked by hand and a policy for the field exclude each other.
import { all, on, one } from './dom.js';

let dragged = null;

export function startMerge() {
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
