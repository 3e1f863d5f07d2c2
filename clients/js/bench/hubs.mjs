// How many messages a second go from a server to a page, end to end, in Chromium on loopback: HubClient on a Longwire hub (each with a place in
// the room's history), @microsoft/signalr on an ASP.NET Core SignalR hub (both in one process), socket.io-client on npm socket.io. The server
// sends 10,000 objects of two numbers as fast as it can; the clients take turns, and the median of 3 counts. SignalR's server puts many
// messages into one frame of the WebSocket; the others send one each.
// Type: npm ci --prefix bench && npm run build && dotnet build ../../tests/Longwire.JavaScript.Hub -c Release && node bench/hubs.mjs
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Server } from 'socket.io';
import { Chromium } from '../test/support/chromium.mjs';
import { startHub } from '../test/support/processes.mjs';

const count = 10_000, rounds = 3, pages = await mkdtemp(join(tmpdir(), 'longwire-bench-'));
const { outputFiles: [{ text: script }] } = await build({
  stdin: {
    contents: `
      import { HubClient } from 'longwire';
      import { HubConnectionBuilder, HttpTransportType, LogLevel } from '@microsoft/signalr';
      import { io } from 'socket.io-client';
      // Each asks for a number of messages, and returns the time until the last is there in milliseconds.
      const receive = (count, begin) => new Promise((resolve, reject) => {
        let received = 0;
        const began = performance.now();
        begin(() => ++received === count && resolve(performance.now() - began)).catch(reject);
      });
      window.longwire = {
        async longwire(count, _, __, round) {
          const client = new HubClient('/hub', { token: 'ann' }), room = client.room('room:' + round);
          await room.join();
          try {
            return await receive(count, async on => {
              room.on('said', on);
              await fetch('/publish/room:' + round + '?count=' + count + '&perBatch=' + count + '&everyMs=0', { method: 'POST' });
            });
          } finally { client.close(); }
        },
        async signalr(count) {
          const connection = new HubConnectionBuilder().withUrl('/signalr', { transport: HttpTransportType.WebSockets, skipNegotiation: true })
            .configureLogging(LogLevel.None).build();
          await connection.start();
          try {
            return await receive(count, async on => { connection.on('said', on); await connection.invoke('Begin', count); });
          } finally { await connection.stop(); }
        },
        async 'socket.io'(count, _, other) {
          const socket = io(other, { transports: ['websocket'] });
          try {
            return await receive(count, async on => { socket.on('said', on); socket.emit('begin', count); });
          } finally { socket.close(); }
        },
      };`,
    resolveDir: fileURLToPath(new URL('.', import.meta.url)),
  },
  alias: { longwire: fileURLToPath(new URL('../dist/index.js', import.meta.url)) },
  bundle: true, format: 'iife', write: false, logLevel: 'error', external: ['#platform'],
});
await writeFile(join(pages, 'bench.html'), `<!doctype html><script>${script}</script>`);

const server = createServer(), other = new Server(server);
other.on('connection', socket => socket.on('begin', n => {
  for (let number = 1; number <= n; number++) socket.emit('said', { number, at: Date.now() });
}));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const hub = await startHub({ pages }), browser = await Chromium.open();
try {
  const tab = await browser.tab(`${hub.http}/bench.html`), rates = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of await tab.run('Object.keys(longwire)')) {
      const took = await tab.run((name, ...given) => longwire[name](...given), name, count, hub.url, `http://127.0.0.1:${server.address().port}`, round);
      (rates[name] ??= []).push(count / took * 1000);
    }
  }
  for (const [name, list] of Object.entries(rates)) {
    const [low, median, high] = list.sort((a, b) => a - b).map(rate => Math.round(rate).toLocaleString('en'));
    console.log(`${name.padEnd(12)} ${median} a second (${low} to ${high})`);
  }
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
  await hub.kill();
  other.close();
  await rm(pages, { recursive: true, force: true });
}
