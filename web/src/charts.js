// Charts over the numbers of a table that stands beside them: `figure[data-chart="bar"]` or `"line"`, each row with a label,
// a number and, where it leads on, a link. Loaded only by the pages that have charts.
import { BarController, BarElement, CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';

Chart.register(BarController, BarElement, CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

/** A colour of the theme as the canvas needs it: `light-dark()` resolved. */
function colour(name, place) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  place.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function numbers(figure) {
  return [...figure.querySelectorAll('tbody tr')].map((row) => ({
    label: row.cells[0].textContent.trim(),
    value: Number(row.dataset.value),
    href: row.querySelector('a')?.href,
  }));
}

function axes(isLine, ink, line) {
  const plain = { ticks: { color: ink, font: { size: 12 } }, border: { display: false } };
  const labels = { ...plain, grid: { display: false } };
  const values = { ...plain, beginAtZero: true, grid: { color: line }, ticks: { ...plain.ticks, precision: 0, maxTicksLimit: 5 } };
  return isLine ? { x: { ...labels, ticks: { ...labels.ticks, maxTicksLimit: 8, maxRotation: 0 } }, y: values } : { x: values, y: labels };
}

function draw(figure) {
  const rows = numbers(figure);
  const isLine = figure.dataset.chart === 'line';
  const [accent, soft, ink, line] = ['--accent', '--accent-soft', '--ink-2', '--line'].map((name) => colour(name, figure));
  new Chart(figure.querySelector('canvas'), {
    type: isLine ? 'line' : 'bar',
    data: {
      labels: rows.map((row) => row.label),
      datasets: [{
        data: rows.map((row) => row.value),
        borderColor: accent, backgroundColor: isLine ? soft : accent, fill: isLine,
        borderWidth: isLine ? 2 : 0, pointRadius: 0, pointHoverRadius: 4, cubicInterpolationMode: 'monotone', borderRadius: 3, maxBarThickness: 18,
      }],
    },
    options: {
      indexAxis: isLine ? 'x' : 'y',
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', axis: isLine ? 'x' : 'y', intersect: false },
      scales: axes(isLine, ink, line),
      onClick: (_event, [hit]) => { if (hit && rows[hit.index].href) window.location.assign(rows[hit.index].href); },
      onHover: (event, [hit]) => { event.native.target.style.cursor = hit && rows[hit.index].href ? 'pointer' : ''; },
    },
  });
}

function drawAll(root) {
  for (const figure of root.querySelectorAll('figure[data-chart]:not([data-drawn])')) {
    figure.dataset.drawn = '';
    draw(figure);
  }
}

drawAll(document);
document.addEventListener('htmx:load', (event) => drawAll(event.detail.elt.parentElement ?? document));
