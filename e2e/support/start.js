// Starts the demo shop on a free port in a folder of its own, and takes both away after the last test. With
// E2E_DATABASE=postgres it is in the PostgreSQL that scripts/with-postgres started.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PATIENCE = 60_000;

/** The address that the program says it is ready at. */
function address(server) {
  return new Promise((resolve, reject) => {
    let said = '';
    const giveUp = setTimeout(() => reject(new Error(`the demo did not get ready:\n${said}`)), PATIENCE);
    const listen = (piece) => {
      said += piece;
      const ready = said.match(/ready at (http:\/\/\S+)/);
      if (!ready) return;
      clearTimeout(giveUp);
      resolve(ready[1]);
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.on('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${said}`)));
  });
}

export default async function start() {
  const binary = process.env.CLIENTELE_BIN || join(root, 'target/debug/clientele');
  const folder = await mkdtemp(join(tmpdir(), 'clientele-e2e-'));
  const database = process.env.E2E_DATABASE === 'postgres' ? ['--database', process.env.CLIENTELE_TEST_POSTGRES] : [];
  const place = ['--listen', '127.0.0.1:0', '--data-dir', folder, ...database];
  const server = spawn(binary, ['demo', '--customers', '400', ...place], { cwd: folder });
  process.env.CLIENTELE_URL = await address(server);
  return async () => {
    server.kill('SIGTERM');
    await new Promise((resolve) => { server.on('exit', resolve); setTimeout(() => { server.kill('SIGKILL'); resolve(); }, 5000); });
    await rm(folder, { recursive: true, force: true });
  };
}
