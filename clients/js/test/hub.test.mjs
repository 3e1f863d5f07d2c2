// The scenarios of docs/protocol/client.md about a hub's connection. The number leads each name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub, settle } from 'longwire/testing';
import { connect, join } from './support/hub-client.mjs';

const jwt = claims => `e30.${btoa(JSON.stringify(claims)).replace(/=/g, '')}.x`;

test('1. Start, open, close by hand: each state once, in this order; the hub sees 1000', async () => {
  const hub = new TestHub();
  const { client, states } = connect(hub);
  assert.equal(client.state, 'idle');
  client.connect();
  await settle();
  client.close();
  await settle();
  assert.deepEqual(states.map(({ state }) => state), ['connecting', 'open', 'closed']);
  assert.equal(hub.socket.closedWith, 1000);
  assert.equal(hub.clock.timers, 0);
});

test('5. 1013 of a hub: later. 4001: closed', async () => {
  const hub = new TestHub();
  const { client, states } = connect(hub);
  client.connect();
  await settle();
  await hub.close(1013, 'Try again later');
  assert.equal(states.at(-1).delay, 30_000);
  await hub.clock.advance(30_000);
  await hub.close(4001, 'Session replaced');
  assert.equal(client.state, 'closed');
});

test('6. drain, then 1012; drain, then 1006: attempt 1 after exactly reconnectAfterMs', async () => {
  for (const code of [1012, 1006]) {
    const hub = new TestHub();
    const { client, states } = connect(hub);
    client.connect();
    await settle();
    hub.drain(4_321);
    await settle();
    await (code === 1006 ? hub.cut() : hub.close(code, 'Service restart'));
    assert.deepEqual([states.at(-1).attempt, states.at(-1).delay], [1, 4_321]);
    await hub.clock.advance(4_320);
    assert.equal(hub.sockets.length, 1);
    await hub.clock.advance(1);
    assert.equal(client.state, 'open');
  }
});

test('12. close() before the start has come to a handshake: none reaches the hub. 13. Made, closed and started again: one', async () => {
  const hub = new TestHub();
  const { client } = connect(hub);
  client.connect();
  client.close();
  await settle();
  assert.equal(client.state, 'closed');
  assert.equal(hub.sockets.length, 0);
  client.connect();
  client.connect();
  client.close();
  client.connect();
  await settle();
  assert.equal(hub.sockets.length, 1);
  assert.equal(client.state, 'open');
});

test('A hub that opens and says nothing: the attempt is given up after 15 s', async () => {
  const hub = new TestHub();
  hub.onOpen = () => {};
  const { client, states } = connect(hub);
  client.connect();
  await hub.clock.advance(15_000);
  assert.equal(client.state, 'reconnecting');
  assert.equal(states.at(-1).reason, 'Silent hub');
});

test('15. Closed: publish, send and ask fail', async () => {
  const hub = new TestHub();
  const { client, room } = await join(hub);
  client.close();
  assert.equal(room.send('typing', {}), false);
  await settle();
  assert.throws(() => room.publish('x'), { name: 'ConnectionLostError' });
  await assert.rejects(client.ask('x'), { name: 'ConnectionLostError' });
});

test('23. An expired token, then a good one: refused, back-off, open', async () => {
  const hub = new TestHub();
  hub.authenticate = token => token === 'good' ? 'ann' : undefined;
  const tokens = ['expired', 'good'];
  const { client, states } = connect(hub, { token: async () => tokens.shift() });
  client.connect();
  await hub.clock.advance(2_000);
  assert.equal(client.state, 'open');
  assert.equal(client.userId, 'ann');
  assert.deepEqual(states.map(({ state }) => state), ['connecting', 'reconnecting', 'connecting', 'open']);
});

test('24. The refused token again: closed with that reason. Five bad ones: closed after five refusals', async () => {
  const hub = new TestHub();
  hub.authenticate = () => undefined;
  const same = connect(hub, { token: () => 'bad' });
  same.client.connect();
  await hub.clock.advance(60_000);
  assert.equal(same.client.state, 'closed');
  const before = hub.sockets.length;
  let n = 0;
  const different = connect(hub, { token: () => `bad-${++n}` });
  different.client.connect();
  await hub.clock.advance(60_000);
  assert.equal(different.client.state, 'closed');
  assert.equal(hub.sockets.length - before, 5);
  assert.match(different.states.at(-1).reason, /Invalid authentication/);
});

test('24. A token that never changes and is refused: closed at once', async () => {
  const hub = new TestHub();
  hub.authenticate = () => undefined;
  const { client } = connect(hub, { token: 'bad' });
  client.connect();
  await settle();
  assert.equal(client.state, 'closed');
  assert.equal(hub.sockets.length, 1);
});

test('25. 4003: an attempt at once with a new token; the session is resumed, rooms recovered', async () => {
  const hub = new TestHub();
  let n = 0;
  hub.authenticate = () => 'ann';
  const { client, states, seen } = await join(hub, { token: () => `token-${++n}` });
  await hub.close(4003, 'Token expired');
  hub.room('r').publish('missed');
  assert.equal(states.at(-1).delay, 0);
  await hub.clock.advance(0);
  assert.equal(client.state, 'open');
  assert.ok(hub.socket.protocols.includes('bearer.token-2'));
  assert.ok(hub.socket.protocols.some(entry => entry.startsWith('session.')));
  assert.deepEqual(seen, ['missed']);
});

test('26. A JWT nears its end: auth on the same connection, a minute before; no reconnect', async () => {
  const hub = new TestHub();
  hub.authenticate = () => 'ann';
  const begin = hub.clock.now() / 1000;
  const tokens = [jwt({ sub: 'ann', iat: begin, exp: begin + 600 }), jwt({ sub: 'ann', iat: begin, exp: begin + 6_000 })];
  const { client } = connect(hub, { token: () => tokens.shift() });
  client.connect();
  await hub.clock.advance(539_000);
  assert.equal(hub.received.filter(({ type }) => type === 'auth').length, 0);
  await hub.clock.advance(2_000);
  assert.equal(hub.received.filter(({ type }) => type === 'auth').length, 1);
  assert.equal(hub.sockets.length, 1);
  client.close();
});

test('A token that no handshake can carry, or a username, goes by auth, and rooms wait for its acceptance', async () => {
  const hub = new TestHub();
  hub.authenticate = (token, username) => token === 'a token' ? username : undefined;
  const { client } = connect(hub, { token: 'a token', username: 'ann' });
  await client.room('r').join();
  assert.deepEqual(hub.received.map(({ type }) => type), ['auth', 'join-room']);
  assert.equal(client.userId, 'ann');
  assert.ok(!hub.socket.protocols.some(entry => entry.startsWith('bearer.')));
});

test('27. A hub is pinged after 25 s of silence, and its pong keeps the connection', async () => {
  const hub = new TestHub();
  const { client } = await join(hub);
  await hub.clock.advance(120_000);
  assert.ok(hub.received.filter(({ type }) => type === 'ping').length >= 4);
  assert.equal(hub.sockets.length, 1);
  hub.freeze();
  await hub.clock.advance(37_000);
  assert.equal(hub.sockets.length, 2);
  client.close();
});

test('52. An ask is open when the connection breaks: it fails with an error that says so, and is not sent again', async () => {
  const hub = new TestHub();
  const { client, room } = await join(hub);
  hub.onMessage = () => {};
  const asking = room.ask('search');
  await settle();
  await hub.cut();
  await assert.rejects(asking, { name: 'ConnectionLostError' });
  await hub.clock.advance(1_000);
  assert.ok(!hub.socket.sent.some(text => text.includes('search')));
  client.close();
});

test('52. An ask without an answer fails after its time-out, while the client is offline too', async () => {
  const hub = new TestHub();
  hub.isUp = false;
  const { client } = connect(hub);
  const asking = client.ask('search', {}, { timeout: 3_000 });
  await hub.clock.advance(3_000);
  await assert.rejects(asking, { name: 'HubTimeoutError' });
  client.close();
});

test('53. A question comes again after a resume while its handler runs: one call, one reply', async () => {
  const hub = new TestHub();
  const { client } = connect(hub);
  client.connect();
  await settle();
  let calls = 0, answer;
  client.onAsk('confirm', () => new Promise(resolve => { calls++; answer = resolve; }));
  hub.ask('q1', 'confirm', {});
  await settle();
  await hub.cut();
  await hub.clock.advance(1_000);
  hub.ask('q1', 'confirm', {});
  await settle();
  answer(true);
  await settle();
  assert.equal(calls, 1);
  assert.deepEqual(hub.replies.get('q1').content, true);
});

test('A question whose handler throws is answered by "The client failed."; one without a handler is not', async t => {
  const hub = new TestHub();
  const { client } = connect(hub);
  client.connect();
  await settle();
  const reported = t.mock.method(console, 'error', () => {});
  client.onAsk('fails', () => { throw new Error('secret'); });
  hub.ask('q1', 'fails', {});
  hub.ask('q2', 'unknown', {});
  await settle();
  assert.equal(hub.replies.get('q1').error, 'The client failed.');
  assert.equal(hub.replies.has('q2'), false);
  assert.equal(reported.mock.callCount(), 1);
});

test('58. A handler that throws is reported, and the connection and the other handlers stay', async t => {
  const hub = new TestHub();
  const { client, room, seen } = await join(hub);
  const reported = t.mock.method(console, 'error', () => {});
  room.on('message', () => { throw new Error('of the handler'); });
  hub.room('r').publish('1');
  hub.room('r').publish('2');
  await settle();
  assert.deepEqual(seen, ['1', '2']);
  assert.equal(reported.mock.callCount(), 2);
  assert.equal(client.state, 'open');
});
