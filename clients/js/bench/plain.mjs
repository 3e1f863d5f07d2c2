// How many messages a second a page takes, in Chromium on loopback: the browser's own WebSocket as the baseline, and those that come back.
// A server of npm ws sends 100,000 messages of 100 bytes as fast as it can; the clients take turns, and the median of 5 counts.
// Type: npm ci --prefix bench && npm run build && node bench/plain.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { WebSocketServer } from '../node_modules/ws/wrapper.mjs';
import { Chromium } from '../test/support/chromium.mjs';

const count = 100_000, rounds = 5, text = 'x'.repeat(100);
const { outputFiles: [{ text: script }] } = await build({
  stdin: {
    contents: `
      import { ReconnectingWebSocket } from 'longwire';
      import { WebSocket as PartySocket } from 'partysocket';
      import Reconnecting from 'reconnecting-websocket';
      window.longwire = { 'the browser': WebSocket, longwire: ReconnectingWebSocket, partysocket: PartySocket, 'reconnecting-websocket': Reconnecting };`,
    resolveDir: fileURLToPath(new URL('.', import.meta.url)),
  },
  alias: { longwire: fileURLToPath(new URL('../dist/index.js', import.meta.url)) },
  bundle: true, format: 'iife', write: false, logLevel: 'error', external: ['#platform'],
});
const server = createServer((request, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><script>${script}</script>`));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', socket => {
  socket.on('error', () => {});
  let left = count;
  const send = () => {
    for (; left > 0 && socket.bufferedAmount < 1 << 20 && socket.readyState === 1; left--) socket.send(text);
    if (left > 0 && socket.readyState === 1) setImmediate(send);
  };
  send();
});

const address = `127.0.0.1:${server.address().port}`, browser = await Chromium.open();
try {
  const tab = await browser.tab(`http://${address}/`), rates = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of await tab.run('Object.keys(longwire)')) {
      const took = await tab.run((name, url, count) => new Promise(resolve => {
        const socket = new longwire[name](url);
        let received = 0, began;
        socket.onmessage = () => {
          if (++received === 1) began = performance.now();
          if (received === count) {
            resolve(performance.now() - began);
            socket.close();
          }
        };
      }), name, `ws://${address}/`, count);
      (rates[name] ??= []).push(count / took * 1000);
    }
  }
  const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const baseline = median(rates['the browser']);
  for (const [name, list] of Object.entries(rates)) {
    console.log(`${name.padEnd(24)} ${Math.round(median(list)).toLocaleString('en')} a second, ${(median(list) / baseline).toFixed(2)} of the browser's own`);
  }
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
  sockets.close();
  server.closeAllConnections();
  server.close();
}
