// The scenarios of docs/protocol/client.md about states, back-off and endings, for a plain client. The number leads each name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconnectingWebSocket } from 'longwire';
import { TestServer, settle } from 'longwire/testing';

function connect(server, options, url = 'ws://server.test/path') {
  const socket = new ReconnectingWebSocket(url, [], { ...server.options, random: () => 1, ...options });
  const states = [], events = [];
  socket.addEventListener('statechange', change => states.push(change));
  for (const type of ['open', 'close', 'error', 'message']) socket.addEventListener(type, event => events.push(event.data ?? type));
  return { socket, states, events, names: () => states.map(({ state }) => state) };
}

const attempts = states => states.filter(({ state }) => state === 'reconnecting');

test('1. Start, open, close by hand: each state once, in this order; the server sees 1000', async () => {
  const server = new TestServer();
  const { socket, names, events } = connect(server);
  await settle();
  socket.close();
  await settle();
  assert.deepEqual(names(), ['connecting', 'open', 'closed']);
  assert.deepEqual(events, ['open', 'close']);
  assert.equal(server.socket.closedWith, 1000);
  assert.equal(server.clock.timers, 0);
});

test('2. A server that is not there five times: each delay within its ceiling, then open', async () => {
  const server = new TestServer();
  server.isUp = false;
  const { states, names } = connect(server, { random: Math.random });
  for (let n = 1; n <= 5; n++) {
    await server.clock.advance(0);
    const { attempt, delay, reason } = attempts(states).at(-1);
    assert.equal(attempt, n);
    assert.ok(delay >= 0 && delay <= Math.min(30_000, 1_000 * 1.5 ** (n - 1)), `${delay} ms before attempt ${n}`);
    assert.ok(reason);
    if (n === 5) server.isUp = true;
    await server.clock.advance(delay);
  }
  assert.equal(names().at(-1), 'open');
});

test('3. With jitter at its end the delays are 1, 1.5, 2.25 … 30, 30 s', async () => {
  const server = new TestServer();
  server.isUp = false;
  const { states } = connect(server);
  await server.clock.advance(200_000);
  const delays = attempts(states).map(({ delay }) => delay);
  assert.deepEqual(delays.slice(0, 3), [1_000, 1_500, 2_250]);
  assert.deepEqual(delays.slice(9, 12), [30_000, 30_000, 30_000]);
});

test('4. Opened and dropped at once the attempt grows; a connection of 5 s puts it back to 1', async () => {
  const server = new TestServer();
  const { states } = connect(server);
  await settle();
  for (const n of [1, 2, 3]) {
    await server.cut();
    assert.equal(attempts(states).at(-1).attempt, n);
    await server.clock.advance(attempts(states).at(-1).delay);
  }
  await server.clock.advance(5_000);
  await server.cut();
  assert.equal(attempts(states).at(-1).attempt, 1);
});

const endings = [
  [1000, '', 'closed'], [1001, '', 'reconnecting'], [1002, '', 'reconnecting'], [1005, '', 'reconnecting'], [1006, '', 'reconnecting'],
  [1007, '', 'reconnecting'], [1014, '', 'reconnecting'], [1015, '', 'reconnecting'], [1003, '', 'closed'], [1010, '', 'closed'],
  [1008, 'Invalid authentication', 'closed'], [1008, 'Authentication failed', 'closed'], [1008, 'Server full', 'later'],
  [1008, 'Too many connections', 'later'], [1008, 'Invalid producer', 'closed'], [1009, '', 'reconnecting'], [1011, '', 'reconnecting'],
  [1012, '', 'reconnecting'], [1013, '', 'later'], [3000, '', 'closed'], [3003, '', 'closed'], [4001, '', 'closed'], [4002, '', 'closed'],
  [4003, '', 'closed'], [4008, '', 'reconnecting'], [3500, '', 'reconnecting'], [4999, '', 'reconnecting'],
];
for (const [code, reason, becomes] of endings) {
  test(`5. ${code} ${reason} with nobody to ask for a token: ${becomes}`, async () => {
    const server = new TestServer();
    const { socket, states } = connect(server);
    await settle();
    await server.close(code, reason);
    assert.equal(socket.state, becomes === 'later' ? 'reconnecting' : becomes);
    if (becomes === 'later') assert.equal(states.at(-1).delay, 30_000);
    if (becomes === 'closed') {
      await server.clock.advance(3_600_000);
      assert.equal(server.sockets.length, 1);
      assert.equal(server.clock.timers, 0);
    }
  });
}

for (const code of [3000, 4003]) {
  test(`5. ${code} with somebody to ask comes back with what is given then, and stays away when that is the same`, async () => {
    const server = new TestServer();
    const urls = ['ws://server.test/?t=1', 'ws://server.test/?t=2', 'ws://server.test/?t=2'];
    const { socket, states } = connect(server, {}, () => urls.shift());
    await settle();
    await server.close(code);
    assert.equal(states.at(-1).delay, code === 4003 ? 0 : 1_000);
    await server.clock.advance(1_000);
    assert.equal(socket.url, 'ws://server.test/?t=2');
    await server.close(code);
    await server.clock.advance(10_000);
    assert.equal(socket.state, 'closed');
    assert.equal(server.sockets.length, 2);
  });
}

test('5. The application may decide otherwise about an ending', async () => {
  const server = new TestServer();
  const seen = [];
  const { socket, states } = connect(server, { shouldReconnect: ending => {
    seen.push(ending.code);
    return { 1000: true, 4100: 7_000, 4200: false }[ending.code];
  } });
  await settle();
  await server.close(1000);
  assert.equal(socket.state, 'reconnecting');
  await server.clock.advance(1_000);
  await server.close(4100);
  assert.equal(states.at(-1).delay, 7_000);
  await server.clock.advance(7_000);
  await server.close(4200);
  assert.equal(socket.state, 'closed');
  assert.deepEqual(seen, [1000, 4100, 4200]);
});

test('8. A thousand clients that lose one server at once come back spread over the first second', async () => {
  const server = new TestServer();
  const clients = Array.from({ length: 1_000 }, () => connect(server, { random: Math.random }));
  await settle();
  await server.cut();
  const tenths = new Array(10).fill(0);
  for (const { states } of clients) tenths[Math.min(9, Math.floor(states.at(-1).delay / 100))]++;
  assert.ok(Math.max(...tenths) <= 200, `by tenths of the second: ${tenths}`);
  for (const { socket } of clients) socket.close();
});

test('9. With maxAttempts used up it is closed: no attempt and no timer is left. 10. By hand it begins again with attempt 0', async () => {
  const server = new TestServer();
  server.isUp = false;
  const { socket, states } = connect(server, { maxAttempts: 3 });
  socket.send('kept');
  await server.clock.advance(3_600_000);
  assert.equal(socket.state, 'closed');
  assert.equal(server.sockets.length, 4);
  assert.equal(server.clock.timers, 0);
  server.isUp = true;
  socket.reconnect();
  await settle();
  assert.equal(socket.state, 'open');
  assert.equal(states.findLast(({ state }) => state === 'connecting').attempt, 0);
  assert.deepEqual(server.socket.sent, ['kept']);
});

test('11. close() while open, inside a handler too: no event inside the call, one closed, no attempt', async () => {
  const server = new TestServer();
  const { socket, events, names } = connect(server);
  await settle();
  let inside;
  socket.addEventListener('message', () => {
    const before = events.length;
    socket.close();
    socket.close();
    inside = events.length - before;
  });
  server.say(server.socket, 'now');
  await settle();
  await server.clock.advance(60_000);
  assert.equal(inside, 0);
  assert.equal(names().filter(state => state === 'closed').length, 1);
  assert.equal(server.sockets.length, 1);
});

test('11. A peer that answers no Close: closed after 5 s all the same', async () => {
  const server = new TestServer();
  const { socket } = connect(server);
  await settle();
  server.freeze();
  socket.close();
  assert.equal(socket.readyState, WebSocketStates.CLOSING);
  await server.clock.advance(5_000);
  assert.equal(socket.readyState, WebSocketStates.CLOSED);
});

const WebSocketStates = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };

test('12. close() while connecting drops the handshake; while waiting, none reaches the server', async () => {
  const server = new TestServer();
  server.isSilent = true;
  const connecting = connect(server);
  await settle();
  connecting.socket.close();
  await settle();
  assert.equal(server.socket.readyState, WebSocketStates.CLOSED);
  assert.deepEqual(connecting.events, ['close']);

  server.isSilent = false;
  server.isUp = false;
  const waiting = connect(server);
  await settle();
  waiting.socket.close();
  server.isUp = true;
  await server.clock.advance(60_000);
  assert.equal(server.sockets.length, 2);
  assert.equal(waiting.socket.state, 'closed');
  assert.equal(server.clock.timers, 0);
});

test('13. Made, closed and made again within one task: one handshake reaches the server', async () => {
  const server = new TestServer();
  const first = connect(server);
  first.socket.close();
  const second = connect(server);
  await settle();
  assert.equal(server.sockets.length, 1);
  assert.equal(second.socket.state, 'open');
  assert.deepEqual(first.names(), ['closed']);
});

test('13. Started twice at once: one handshake', async () => {
  const server = new TestServer();
  const { socket } = connect(server);
  socket.reconnect();
  await settle();
  assert.equal(server.sockets.length, 1);
});

test('14. A close or message of an earlier socket after a later one is open is seen by nobody', async () => {
  const server = new TestServer();
  const { socket, events } = connect(server);
  await settle();
  const earlier = server.socket;
  socket.reconnect();
  await settle();
  await server.clock.advance(0);
  assert.equal(server.sockets.length, 2);
  const before = events.length;
  earlier.readyState = 1;
  earlier.deliver('late');
  earlier.end();
  await settle();
  assert.equal(events.length, before);
  assert.equal(socket.state, 'open');
});

test('27. Nothing received for 25 s: a heartbeat, and 10 s later the connection is dropped; anything in between keeps it', async () => {
  const server = new TestServer();
  const { socket, states } = connect(server, { heartbeat: { message: 'beat' } });
  await settle();
  await server.clock.advance(26_000);
  assert.deepEqual(server.socket.sent, ['beat']);
  server.say(server.socket, 'here');
  await server.clock.advance(11_000);
  assert.equal(socket.state, 'open');
  await server.clock.advance(15_000);
  assert.equal(server.socket.sent.length, 2);
  await server.clock.advance(8_000);
  assert.equal(socket.state, 'open');
  await server.clock.advance(2_000);
  assert.equal(attempts(states).length, 1);
  assert.match(attempts(states)[0].reason, /Nothing was received/);
});

test('28. Sending proves nothing: a connection on which only sending works is dropped as well', async () => {
  const server = new TestServer();
  const { socket } = connect(server, { heartbeat: { message: 'beat' } });
  await settle();
  const first = server.socket;
  server.freeze();
  for (let second = 0; second < 40 && server.sockets.length === 1; second++) {
    socket.send('said');
    await server.clock.advance(1_000);
  }
  assert.ok(first.sent.length > 25);
  assert.equal(first.closedWith, 4000);
});

test('29. The clock jumps by an hour while open: dropped as asleep, and replaced within 2 s', async () => {
  const server = new TestServer();
  const { socket, states } = connect(server);
  await settle();
  await server.clock.advance(10_000);
  server.clock.jump(3_600_000);
  await server.clock.advance(2_000);
  assert.equal(attempts(states).at(-1).reason, 'asleep');
  assert.equal(server.sockets.length, 2);
  assert.equal(socket.state, 'open');
});

test('30. The clock jumps while waiting for an attempt: it is made at once', async () => {
  const server = new TestServer();
  server.isUp = false;
  const { socket } = connect(server, { reconnectInterval: 86_400_000, maxReconnectInterval: 86_400_000 });
  await server.clock.advance(1_000);
  server.isUp = true;
  server.clock.jump(3_600_000);
  await server.clock.advance(2_000);
  assert.equal(socket.state, 'open');
});

test('31. One look at the clock is 10 s late: a probe, and dropped after 5 s unless the peer answers', async () => {
  for (const answers of [true, false]) {
    const server = new TestServer();
    server.onMessage = socket => answers && server.say(socket, 'alive');
    const { socket } = connect(server, { heartbeat: { message: 'beat' } });
    await settle();
    await server.clock.advance(3_000);
    server.clock.jump(10_000);
    await server.clock.advance(1_000);
    assert.deepEqual(server.socket.sent, ['beat']);
    await server.clock.advance(6_000);
    assert.equal(server.sockets.length, answers ? 1 : 2);
    socket.close();
  }
});
