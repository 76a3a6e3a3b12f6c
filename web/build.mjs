// Builds everything the browser loads into web/dist: hashed names, a manifest, and .br/.gz twins, so that the
// server only hands out files. Run it with `make web`.
import { build } from 'esbuild';
import { PurgeCSS } from 'purgecss';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { sprite } from './sprite.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const from = (...parts) => join(here, ...parts);

/** Everything that can name a class: templates, the Rust that fills them, our scripts. */
const CLASS_SOURCES = ['../crates/*/templates/**/*.html', '../crates/*/src/**/*.rs', 'src/**/*.js'].map((p) => from(p));

/** Classes whose last part is a value (`dot-{{ tone }}`), and those that only scripts set. */
const PUT_TOGETHER = [/^htmx-/, /^is-/, /^(dot|chip|note|toast|trail)-/, /^span-\d+$/, /^tree-/];

async function bundle(entry, options = {}) {
  const result = await build({
    entryPoints: [from(entry)],
    bundle: true,
    minify: true,
    write: false,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    logLevel: 'warning',
    ...options,
  });
  return result.outputFiles[0].contents;
}

async function style(entry) {
  const css = Buffer.from(await bundle(entry)).toString();
  const [purged] = await new PurgeCSS().purge({
    content: CLASS_SOURCES,
    css: [{ raw: css }],
    defaultExtractor: (text) => text.match(/[\w-]+(?:\/[\w-]+)?/g) ?? [],
    safelist: { standard: PUT_TOGETHER },
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  const { code } = await (await import('esbuild')).transform(purged.css, { loader: 'css', minify: true, target: 'chrome123' });
  return Buffer.from(code);
}

async function swagger() {
  const at = (name) => readFile(from('node_modules/swagger-ui-dist', name));
  const init = Buffer.from(await bundle('src/api-docs.js'));
  return [
    ['api-docs.js', Buffer.concat([await at('swagger-ui-bundle.js'), Buffer.from('\n'), init])],
    ['api-docs.css', Buffer.concat([await at('swagger-ui.css'), Buffer.from('\n'), await readFile(from('src/css/api-docs.css'))])],
  ];
}

function compressed(content) {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  return [['.br', brotliCompressSync(content, quality)], ['.gz', gzipSync(content, { level: 9 })]];
}

async function write(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const hashed = name.replace(/(\.[^.]+)$/, `-${hash}$1`);
  await writeFile(join(dist, hashed), content);
  const twins = ['.png', '.ico'].includes(extname(name)) ? [] : compressed(content);
  for (const [suffix, bytes] of twins) await writeFile(join(dist, hashed + suffix), bytes);
  const smallest = twins.length ? twins[0][1].length : content.length;
  console.log(`${hashed.padEnd(36)} ${String(content.length).padStart(9)} B ${String(smallest).padStart(8)} B compressed`);
  return [name, hashed];
}

/** What an earlier build left. Last, so that a program that is being compiled meanwhile finds whole files. */
async function removeOthers(kept) {
  for (const name of await readdir(dist)) {
    const isKept = name === 'manifest.json' || kept.some((file) => name.startsWith(file));
    if (!isKept) await rm(join(dist, name), { recursive: true });
  }
}

const files = [
  ['app.css', await style('src/css/app.css')],
  ['app.js', Buffer.from(await bundle('src/js/main.js', { format: 'iife' }))],
  ['charts.js', Buffer.from(await bundle('src/charts.js', { format: 'iife' }))],
  ['icons.svg', Buffer.from(await sprite(from('src/icons.json'), from('node_modules/@tabler/icons/icons/outline')))],
  ['favicon.svg', await readFile(from('src/favicon.svg'))],
  ...(await swagger()),
];
await mkdir(dist, { recursive: true });
const written = await Promise.all(files.map(([name, content]) => write(name, content)));
await writeFile(join(dist, 'manifest.json'), JSON.stringify(Object.fromEntries(written), null, 2));
await removeOthers(written.map(([, hashed]) => hashed));
