// One SVG file with the icons of src/icons.json, each a <symbol> used by name.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

async function symbol(name, folder) {
  const svg = await readFile(join(folder, `${name}.svg`), 'utf8');
  const [, box] = svg.match(/viewBox="([^"]+)"/);
  const inner = svg
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^[\s\S]*?<svg[^>]*>/, '')
    .replace('</svg>', '')
    .replace(/<path stroke="none"[^>]*\/>/g, '')
    .replace(/\s*\n\s*/g, '')
    .trim();
  return `<symbol id="${name}" viewBox="${box}">${inner}</symbol>`;
}

export async function sprite(list, folder) {
  const names = JSON.parse(await readFile(list, 'utf8'));
  const symbols = await Promise.all(names.map((name) => symbol(name, folder)));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}
