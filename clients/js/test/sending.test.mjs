// The scenarios of docs/protocol/client.md about sending and providers, for a plain client. The number leads each name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconnectingWebSocket, StayAwayError, WebSocketClient } from 'longwire';
import { TestServer, settle } from 'longwire/testing';

function connect(server, options, url = 'ws://server.test/path', protocols = []) {
  const socket = new ReconnectingWebSocket(url, protocols, { ...server.options, random: () => 1, ...options });
  const states = [], dropped = [];
  socket.addEventListener('statechange', change => states.push(change));
  socket.addEventListener('dropped', ({ data, reason }) => dropped.push(`${data} ${reason}`));
  return { socket, states, dropped };
}

test('15. send from the call of close() on: nothing is sent or queued, and bufferedAmount grows', async () => {
  const server = new TestServer();
  const { socket } = connect(server);
  await settle();
  socket.close();
  socket.send('é');
  assert.equal(socket.bufferedAmount, 2);
  await settle();
  socket.send('abc');
  assert.equal(socket.bufferedAmount, 5);
  socket.reconnect();
  await settle();
  assert.deepEqual(server.sockets.flatMap(({ sent }) => sent), []);
});

test('16. send in each other state: what was queued arrives in order, behind what an open listener sends, before what is sent later', async () => {
  const server = new TestServer();
  const { socket } = connect(server);
  socket.addEventListener('open', () => socket.send('hello'));
  socket.send('1');
  await Promise.resolve();
  socket.send('2');
  await settle();
  socket.send('3');
  assert.deepEqual(server.socket.sent, ['hello', '1', '2', '3']);
  await server.cut();
  socket.send('4');
  assert.equal(socket.readyState, socket.CONNECTING);
  await server.clock.advance(1_000);
  socket.send('5');
  assert.deepEqual(server.socket.sent, ['hello', '4', '5']);
});

test('16. What waits is copied: the sender may change its buffer', async () => {
  const server = new TestServer();
  const { socket } = connect(server);
  const bytes = new Uint8Array([1, 2, 3, 4]);
  socket.send(bytes.subarray(1, 3));
  socket.send(bytes.buffer);
  bytes.fill(9);
  await settle();
  assert.deepEqual(server.socket.sent.map(data => [...new Uint8Array(data.buffer ?? data)]), [[2, 3], [1, 2, 3, 4]]);
});

test('17. Too much waits, by count: send throws, or the oldest make room and an event tells of it', async () => {
  const server = new TestServer();
  server.isUp = false;
  const failing = connect(server, { maxWaitingMessages: 2 });
  for (const text of ['1', '2']) failing.socket.send(text);
  assert.throws(() => failing.socket.send('3'), { name: 'QuotaExceededError' });
  const dropping = connect(server, { maxWaitingMessages: 2, whenFull: 'drop-oldest' });
  for (const text of ['1', '2', '3']) dropping.socket.send(text);
  await settle();
  assert.deepEqual(dropping.dropped, ['1 full']);
  server.isUp = true;
  await server.clock.advance(1_000);
  assert.deepEqual(server.sockets.slice(-2).map(({ sent }) => sent), [['1', '2'], ['2', '3']]);
});

test('17. Too much waits, by bytes: each message counts 64 beside its own, and a larger one is refused', async () => {
  const server = new TestServer();
  server.isUp = false;
  const { socket, dropped } = connect(server, { maxWaitingBytes: 200, whenFull: 'drop-oldest' });
  socket.send('a'.repeat(36));
  socket.send('b'.repeat(36));
  assert.equal(socket.bufferedAmount, 72);
  socket.send('c');
  await settle();
  assert.deepEqual(dropped, [`${'a'.repeat(36)} full`]);
  assert.throws(() => socket.send('d'.repeat(137)), { name: 'QuotaExceededError' });
});

test('18. The address leads elsewhere while messages wait: none reaches the other server, and each is told', async () => {
  const server = new TestServer();
  const urls = ['ws://server.test/a', 'ws://server.test/b'];
  const { socket, dropped } = connect(server, {}, () => urls.shift());
  await settle();
  await server.cut();
  socket.send('for a');
  await server.clock.advance(1_000);
  assert.equal(socket.url, 'ws://server.test/b');
  assert.deepEqual(server.socket.sent, []);
  assert.deepEqual(dropped, ['for a other-destination']);
});

test('19. The address changes its query only: they are sent', async () => {
  const server = new TestServer();
  const urls = ['ws://server.test/a?key=1', 'ws://server.test/a?key=2'];
  const { socket, dropped } = connect(server, {}, () => urls.shift());
  await settle();
  await server.cut();
  socket.send('for a');
  await server.clock.advance(1_000);
  assert.deepEqual(server.socket.sent, ['for a']);
  assert.deepEqual(dropped, []);
});

test('20. Providers are asked at each attempt: the third handshake carries the third answer', async () => {
  const server = new TestServer();
  let asked = 0, offered = 0;
  connect(server, {}, async () => `https://server.test/?n=${++asked}`, () => [`p${++offered}`]);
  await settle();
  for (let time = 0; time < 2; time++) {
    await server.cut();
    await server.clock.advance(2_000);
  }
  assert.equal(server.sockets[2].url, 'wss://server.test/?n=3');
  assert.deepEqual(server.sockets[2].protocols, ['p3']);
});

test('21. A provider throws, and later does not: back-off with its error as the reason, then open', async () => {
  const server = new TestServer();
  let fails = true;
  const { socket, states } = connect(server, {}, async () => {
    if (fails) throw new Error('no address today');
    return 'ws://server.test/';
  });
  await settle();
  assert.equal(states.at(-1).state, 'reconnecting');
  assert.equal(states.at(-1).reason, 'no address today');
  fails = false;
  await server.clock.advance(1_000);
  assert.equal(socket.state, 'open');
});

test('21. A provider may say that no attempt is of use', async () => {
  const server = new TestServer();
  const { socket, states } = connect(server, {}, () => { throw new StayAwayError(4404, 'signed out'); });
  await server.clock.advance(60_000);
  assert.equal(socket.state, 'closed');
  assert.equal(states.at(-1).reason, 'signed out');
});

test('22. A provider slower than 15 s: the attempt fails then, and its late answer is not used', async () => {
  const server = new TestServer();
  const answers = [];
  const { socket, states } = connect(server, {}, () => new Promise(resolve => answers.push(resolve)));
  await server.clock.advance(14_999);
  assert.equal(socket.state, 'connecting');
  await server.clock.advance(1);
  assert.equal(states.at(-1).reason, 'Timed out');
  answers[0]('ws://server.test/late');
  await settle();
  assert.equal(server.sockets.length, 0);
  await server.clock.advance(1_000);
  answers[1]('ws://server.test/next');
  await settle();
  assert.equal(socket.url, 'ws://server.test/next');
});

test('A wrong address, subprotocol, close code or reason throws at once, as a WebSocket does', () => {
  const server = new TestServer();
  assert.throws(() => new ReconnectingWebSocket('ftp://server.test/', [], server.options), { name: 'SyntaxError' });
  assert.throws(() => new ReconnectingWebSocket('ws://server.test/', ['a', 'a'], server.options), { name: 'SyntaxError' });
  assert.throws(() => new ReconnectingWebSocket('ws://server.test/', 'a b', server.options), { name: 'SyntaxError' });
  const { socket } = connect(server);
  assert.throws(() => socket.close(1001), { name: 'InvalidAccessError' });
  assert.throws(() => socket.close(1000, 'x'.repeat(124)), { name: 'SyntaxError' });
  socket.close();
});

test('No reason holds a token: neither an address\'s query nor an offered subprotocol', async () => {
  const server = new TestServer();
  const { socket, states } = connect(server, {}, () => 'nonsense:?token=SECRET', () => 'bearer.SECRET SECRET');
  await server.clock.advance(10_000);
  assert.ok(states.length > 2);
  assert.doesNotMatch(JSON.stringify(states), /SECRET/);
  socket.close();
});

test('It looks like a WebSocket: constants, readyState, handlers beside listeners, subprotocol, binaryType', async () => {
  const server = new TestServer();
  server.onMessage = (socket, data) => server.say(socket, data);
  const { socket } = connect(server, {}, 'ws://server.test/', ['chat', 'other']);
  assert.deepEqual([socket.CONNECTING, ReconnectingWebSocket.OPEN, socket.CLOSING, socket.CLOSED], [0, 1, 2, 3]);
  assert.equal(socket.readyState, 0);
  const seen = [];
  socket.onmessage = ({ data }) => seen.push(`first ${data}`);
  socket.addEventListener('message', ({ data }) => seen.push(`second ${data}`));
  socket.onmessage = function ({ data, target }) { seen.push(`instead ${data} ${this === socket} ${target === socket}`); };
  socket.binaryType = 'arraybuffer';
  await settle();
  assert.equal(socket.protocol, 'chat');
  assert.equal(server.socket.binaryType, 'arraybuffer');
  socket.send('x');
  await settle();
  assert.deepEqual(seen, ['instead x true true', 'second x']);
  socket.onmessage = null;
  assert.equal(socket.onmessage, null);
  let closed;
  socket.onclose = ({ code, reason, wasClean }) => { closed = [code, reason, wasClean]; };
  socket.close(4321, 'bye');
  assert.equal(socket.readyState, 2);
  await settle();
  assert.deepEqual(closed, [4321, 'bye', true]);
});

test('WebSocketClient: the events and options of the document\'s client', async () => {
  const server = new TestServer();
  const client = new WebSocketClient('ws://server.test/', { ...server.options, random: () => 1, reconnect: true, maxReconnectAttempts: 2 });
  const seen = [];
  for (const event of ['connect', 'disconnect', 'reconnecting', 'reconnect_failed', 'chat', 'message']) {
    client.on(event, data => seen.push(event === 'reconnecting' ? `${event} ${data}` : event));
  }
  client.on('connect', () => client.send({ type: 'auth', token: 'abc123' }));
  client.send({ type: 'chat', message: 'Hello' });
  await settle();
  assert.deepEqual(server.socket.sent, ['{"type":"auth","token":"abc123"}', '{"type":"chat","message":"Hello"}']);
  server.say(server.socket, '{"type":"chat"}');
  server.say(server.socket, 'plain');
  server.isUp = false;
  await settle();
  await server.cut();
  await server.clock.advance(60_000);
  assert.deepEqual(seen, ['connect', 'chat', 'message', 'disconnect', 'reconnecting 1', 'disconnect', 'reconnecting 2', 'disconnect',
    'reconnect_failed']);
});
