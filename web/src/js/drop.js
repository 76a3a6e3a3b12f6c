// A file can be dropped on its field; the name of the chosen file is shown.
import { on, one } from './dom.js';

function showName(field) {
  const place = one('[data-file-name]', field.closest('.drop'));
  if (place && field.files.length) place.textContent = field.files[0].name;
}

export function startDrop() {
  on('change', '.drop input[type="file"]', (_event, field) => showName(field));
  for (const type of ['dragenter', 'dragover']) {
    on(type, '.drop', (event, zone) => { event.preventDefault(); zone.classList.add('is-over'); });
  }
  on('dragleave', '.drop', (event, zone) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove('is-over'); });
  on('drop', '.drop', (event, zone) => {
    event.preventDefault();
    zone.classList.remove('is-over');
    const field = one('input[type="file"]', zone);
    field.files = event.dataTransfer.files;
    showName(field);
  });
}
