// Other programs that tests start, and that end with them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const hub = process.env.LONGWIRE_TEST_HUB ?? `${repository}artifacts/bin/Longwire.JavaScript.Hub/release/Longwire.JavaScript.Hub.dll`;

/** Starts a program, and waits for a line of it that matches. */
export async function start(file, args, pattern, options = {}) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const lines = [];
  const match = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        lines.push(line);
        const found = pattern.exec(line);
        if (found) resolve(found);
      });
    }
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`${file} ended with ${code}:\n${lines.join('\n')}`)));
  });
  return {
    child, match, lines,
    /** Ends it at once, as a crash would. */
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Starts the hub, on a port of its choice unless one is given. */
export async function startHub({ port = 0, rate = 0, pages = root } = {}) {
  const server = await start('dotnet', [hub, String(port), pages, String(rate)], /Listening on (http:\/\/\S+:(\d+))/,
    { env: { ...process.env, DOTNET_gcServer: '0', DOTNET_TieredPGO: '0', NO_COLOR: '1' } });
  const http = server.match[1];
  return {
    ...server, http, url: `${http.replace('http', 'ws')}/hub`, port: Number(server.match[2]),
    stats: async () => (await fetch(`${http}/stats`)).json(),
    ask: async clientId => (await fetch(`${http}/ask/${clientId}`, { method: 'POST' })).text(),
    publish: (room, { count, perBatch = 100, everyMs = 10 }) =>
      fetch(`${http}/publish/${encodeURIComponent(room)}?count=${count}&perBatch=${perBatch}&everyMs=${everyMs}`, { method: 'POST' }),
  };
}

const Patience = 180_000;

/** Waits until something is so: for as long as `progress`, if it is given, still changes, and then for three minutes. */
export async function until(condition, what = String(condition), progress = () => 0) {
  for (let end = Date.now() + Patience, last = await progress(); ; await new Promise(resolve => setTimeout(resolve, 10))) {
    const value = await condition();
    if (value) return value;
    const now = await progress();
    if (now !== last) [last, end] = [now, Date.now() + Patience];
    if (Date.now() > end) throw new Error(`It has not come to this: ${what}${last ? `, at ${last}` : ''}`);
  }
}

/** Waits for a promise, and says for what it has waited in vain. */
export async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`It has not come to this: ${what}`)), Patience); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
