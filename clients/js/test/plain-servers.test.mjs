// ReconnectingWebSocket in Node against plain servers: npm ws and python3-websockets, and the raw HTTP answers that refuse a handshake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { ReconnectingWebSocket } from 'longwire';
import { FaultProxy } from './support/fault-proxy.mjs';
import { start, until } from './support/processes.mjs';
import { newSeed, seeded } from './support/random.mjs';

const Quick = { reconnectInterval: 20, maxReconnectInterval: 100 };

function connect(t, url, protocols, options) {
  const socket = new ReconnectingWebSocket(url, protocols, { ...Quick, ...options });
  t.after(() => socket.close());
  const states = [];
  socket.addEventListener('statechange', ({ state, delay, reason }) => states.push({ state, delay, reason }));
  return { socket, states };
}

/** A server of npm ws that echoes. */
async function echo(t, options = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', client => {
    client.on('error', () => {});
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
  });
  return Object.assign(server, { url: `ws://127.0.0.1:${server.address().port}/` });
}

const received = socket => new Promise(resolve => socket.addEventListener('message', ({ data }) => resolve(data), { once: true }));

test('npm ws: text, bytes of every length\'s form, fragments, a subprotocol, both kinds of binary data', async t => {
  const server = await echo(t, { handleProtocols: () => 'chat' });
  const { socket } = connect(t, server.url, ['other', 'chat']);
  socket.send('é世👋');
  assert.equal(await received(socket), 'é世👋');
  assert.equal(socket.protocol, 'chat');
  socket.binaryType = 'arraybuffer';
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]) {
    const bytes = new Uint8Array(length).map((_, n) => n);
    socket.send(bytes);
    assert.deepEqual(new Uint8Array(await received(socket)), bytes, `${length} bytes`);
  }
  socket.binaryType = 'blob';
  socket.send(new Blob(['blob']));
  assert.equal(await (await received(socket)).text(), 'blob');
  const [peer] = server.clients;
  for (const [part, fin] of [['half a ', false], ['message', true]]) peer.send(part, { fin });
  assert.equal(await received(socket), 'half a message');
});

test('npm ws ends connections in each way, and the client comes back or stays away as the code says', async t => {
  const server = await echo(t);
  const { socket, states } = connect(t, server.url);
  const lose = async end => {
    await until(() => socket.readyState === 1 && server.clients.size === 1);
    end([...server.clients][0]);
    await until(() => states.at(-1)?.state === 'closed' || states.filter(({ state }) => state === 'reconnecting').length > 0);
  };
  const closed = [];
  socket.addEventListener('close', ({ code, reason }) => closed.push(`${code} ${reason}`));
  for (const end of [peer => peer.terminate(), peer => peer.close(1001), peer => peer.close(1012, 'restart'), peer => peer._socket.write('\xff\xff', 'latin1')]) {
    states.length = 0;
    await lose(end);
  }
  states.length = 0;
  await lose(peer => peer.close(1000, 'done'));
  assert.deepEqual(closed, ['1006 ', '1001 ', '1012 restart', '1006 ', '1000 done']);
  assert.equal(socket.state, 'closed');
});

test('npm ws as the WebSocket to use: the same, with its pongs', async t => {
  const { default: WebSocket } = await import('ws');
  const server = await echo(t);
  const { socket } = connect(t, server.url, [], { WebSocket });
  socket.send('through ws');
  assert.equal(String(await received(socket)), 'through ws');
});

test('python3-websockets: an echo, and a close with a code of its own', async t => {
  const program = `
import asyncio, websockets
async def serve(socket):
    async for message in socket:
        if message == "close": await socket.close(4321, "as asked")
        else: await socket.send(message)
async def main():
    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())`;
  const python = await start('/usr/bin/python3', ['-c', program], /port (\d+)/);
  t.after(() => python.kill());
  const { socket } = connect(t, `ws://127.0.0.1:${python.match[1]}/`);
  socket.send('hello');
  assert.equal(await received(socket), 'hello');
  const closed = once(socket, 'close');
  socket.send('close');
  const [{ code, reason }] = await closed;
  assert.deepEqual([code, reason], [4321, 'as asked']);
  await until(() => socket.readyState === 1);
  socket.send('again');
  assert.equal(await received(socket), 'again');
});

test('7. 503 with Retry-After: the attempt is not before it and within a second after. 401, 403: as the table says', async t => {
  let status = 503, headers = { 'Retry-After': '2' };
  const server = createServer((_, response) => response.writeHead(status, headers).end('no'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const { socket, states } = connect(t, url);
  await until(() => states.at(-1)?.state === 'reconnecting');
  assert.ok(states.at(-1).delay >= 2_000 && states.at(-1).delay <= 3_000, `${states.at(-1).delay} ms`);
  assert.match(states.at(-1).reason, /503/);
  headers = { 'Retry-After': new Date(Date.now() + 250_000).toUTCString() };
  socket.reconnect();
  await until(() => states.filter(({ state }) => state === 'reconnecting').length === 2);
  assert.ok(states.at(-1).delay > 100_000 && states.at(-1).delay <= 251_000, `${states.at(-1).delay} ms`);
  for (const [code, outcome] of [[401, 'closed'], [403, 'closed'], [410, 'closed'], [404, 'reconnecting']]) {
    [status, headers] = [code, {}];
    const one = connect(t, url, [], { reconnectInterval: 60_000 });
    await until(() => ['closed', 'reconnecting'].includes(one.states.at(-1)?.state));
    assert.equal(one.socket.state, outcome, `${code}`);
  }
});

test('A peer that goes silent is noticed by pings in Node, without a heartbeat', async t => {
  const server = await echo(t);
  let skip = 0;
  const clock = { now: () => Date.now() + skip, setTimeout: (callback, ms) => setTimeout(callback, ms), clearTimeout };
  const { socket, states } = connect(t, server.url, [], { clock });
  await until(() => server.clients.size === 1);
  let pings = 0;
  const [peer] = server.clients;
  peer.on('ping', () => pings++);
  await until(() => socket.readyState === 1);
  skip = 10_000;
  await until(() => pings > 0);
  assert.equal(states.at(-1).state, 'open');
  peer._socket.pause();
  skip = 20_000;
  await until(() => states.some(({ state }) => state === 'reconnecting'));
});

test('57. A plain server behind a proxy with faults: nothing comes twice, and what comes is in order', async t => {
  const seed = newSeed(), random = seeded(seed), got = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', client => {
    client.on('error', () => {});
    client.on('message', text => {
      got.push(Number(String(text).split(' ')[0]));
      client.send(text);
    });
  });
  const proxy = await new FaultProxy(server.address().port, random).listen();
  t.after(() => {
    proxy.close();
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { socket } = connect(t, `ws://127.0.0.1:${proxy.port}/`, [], { connectTimeout: 1_000, random });
  let n = 0;
  while (proxy.faults < 8) {
    while (socket.bufferedAmount > 20_000) await new Promise(resolve => setTimeout(resolve, 5));
    socket.send(`${++n} ${'x'.repeat(Math.floor(random() * 600))}`);
    if (n % 10 === 0) await new Promise(resolve => setTimeout(resolve, 1));
  }
  // A message that was handed to a connection which then broke may be lost: another has to follow.
  proxy.isBad = false;
  const before = n;
  await until(() => {
    if (got.at(-1) > before) return true;
    if (socket.bufferedAmount < 20_000) socket.send(`${++n} last`);
  }, `one of the last, from ${before} (seed ${seed})`);
  assert.deepEqual(got.filter((number, at) => at > 0 && number <= got[at - 1]), [], `twice or late (seed ${seed})`);
  assert.ok(got.length >= 20, `${got.length} of ${n}`);
});
