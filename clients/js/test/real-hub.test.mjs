// The client in Node, on its own WebSocket, against a real hub: alone, through a proxy with faults, and across the hub's restart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HubClient } from 'longwire';
import { FaultProxy } from './support/fault-proxy.mjs';
import { sendThroughFaults } from './support/fault-run.mjs';
import { judge } from './support/judge.mjs';
import { startHub, until } from './support/processes.mjs';
import { newSeed, seeded } from './support/random.mjs';

let hub;
before(async () => { hub = await startHub(); });
after(() => hub.kill());

/** A client that ends with the test. */
function connect(t, url, options) {
  const client = new HubClient(url, options);
  t.after(() => client.close());
  return client;
}

const Quick = { reconnectInterval: 50, maxReconnectInterval: 200, connectTimeout: 1_500 };

test('Rooms, history, presence, asks, questions, direct and chat, against a real hub', async t => {
  const ann = connect(t, hub.url, { token: 'ann' }), bob = connect(t, hub.url, { token: 'bob' });
  const seen = [], typing = [];
  const room = ann.room('room:all', { history: 10, presence: true });
  room.on('message', ({ message, username }, from) => seen.push(`${username} ${message.text} ${from.userId}`));
  room.on('typing', ({ on }, from) => typing.push(`${from.username} ${on}`));
  await bob.room('room:all').join();
  const receipt = bob.room('room:all').publish({ text: 'before' });
  assert.equal((await receipt.acked).offset, 1);
  await room.join();
  await bob.room('room:all').publish({ text: 'after' }).acked;
  bob.room('room:all').send('typing', { on: true });
  await until(() => typing.length);
  assert.deepEqual(seen, ['bob before bob', 'bob after bob']);
  assert.deepEqual(typing, ['bob true']);
  await until(() => room.presence.users === 2);
  assert.equal(await room.ask('search', { text: 'hi' }), 'found hi');
  assert.equal((await room.history({ limit: 1 }))[0].message.text, 'after');
  const direct = [], chats = [];
  ann.me.on('direct', ({ message, from }) => direct.push(`${from} ${message}`));
  ann.everyone.on('chat', ({ message }) => chats.push(message));
  await bob.direct('ann', 'psst').acked;
  await bob.chat('hello all').acked;
  await until(() => direct.length && chats.length);
  assert.deepEqual([direct, chats], [['bob psst'], ['hello all']]);
  ann.onAsk('confirm', ({ text }) => `yes to ${text}`);
  assert.equal(await hub.ask(ann.clientId), 'yes to Sure?');
  await assert.rejects(bob.room('closed:x').join(), { name: 'HubRefusedError', code: 'forbidden', message: 'Members only' });
});

test('A token that the hub refuses, and then a good one', async t => {
  const tokens = ['expired-1', 'ann'];
  const client = connect(t, hub.url, { ...Quick, token: async () => tokens.shift() });
  const reasons = [];
  client.on('state', ({ reason }) => reason && reasons.push(reason));
  await client.room('room:token').join();
  assert.equal(client.userId, 'ann');
  assert.deepEqual(reasons, ['Invalid authentication']);
});

test('36, 44. A connection that breaks under way: published once, and what was missed comes', async t => {
  const proxy = await new FaultProxy(hub.port, () => 0).listen();
  proxy.isBad = false;
  try {
    const ann = connect(t, `ws://127.0.0.1:${proxy.port}/hub`, { ...Quick, token: 'ann' });
    const bob = connect(t, hub.url, { token: 'bob' });
    const seen = [];
    const room = ann.room('room:break');
    room.on('message', ({ message }) => seen.push(message));
    await room.join();
    await bob.room('room:break').join();
    const { clientId } = ann;
    ann.reconnect();
    const own = room.publish(1);
    bob.room('room:break').publish(2);
    await own.acked;
    await until(() => seen.length === 2);
    assert.equal(ann.clientId, clientId);
    assert.deepEqual(seen.sort(), [1, 2]);
  } finally {
    proxy.close();
  }
});

for (let round = 1; round <= 3; round++) {
  test(`57. A proxy that cuts, delays, freezes, half-closes and corrupts: once and in order, both ways (${round})`, async () => {
    const seed = newSeed() + round, { sent, received, published, faults } = await sendThroughFaults(hub, seed, { messages: 200, faults: 10 });
    const text = `seed ${seed}, faults ${JSON.stringify(faults)}`;
    assert.deepEqual(judge(published, sent), [], `as published, ${text}`);
    assert.deepEqual(judge(received, sent), [], `as received, ${text}`);
  });
}

test('The judge finds what is planted: a message twice, one missing, two changed, an end too early, a reset', () => {
  assert.deepEqual(judge([1, 2, 3], 3), []);
  assert.deepEqual(judge([1, 2, 2, 3], 3), ['2 twice, or late']);
  assert.deepEqual(judge([1, 3], 3), ['2 to 2 missing']);
  assert.deepEqual(judge([1, 3, 2], 3), ['2 to 2 missing', '2 twice, or late']);
  assert.deepEqual(judge([1, 2], 3), ['it ends before 3']);
  assert.deepEqual(judge([1, 'reset', 3], 3), ['a reset before 2']);
  assert.deepEqual(judge([1, 'reset', 3], 3, { mayReset: true }), []);
});

test('The proxy\'s faults lose and repeat for a client that only sends again: the judge sees it', async t => {
  // A sender without ids, which sends again what it has no echo of, as naive clients do.
  const seed = newSeed(), random = seeded(seed);
  const { default: WebSocket } = await import('ws');
  const proxy = await new FaultProxy(hub.port, random).listen();
  const name = `room:naive-${seed}`, count = 300;
  const witness = connect(t, hub.url, { token: 'witness' });
  const witnessed = [];
  witness.room(name).on('message', ({ message }) => witnessed.push(message));
  await witness.room(name).join();
  let next = 1;
  while (next <= count) {
    await new Promise(resolve => {
      const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/hub`, ['longwire.v1.json', 'bearer.naive']);
      let seen = next - 1;
      socket.on('open', async () => {
        socket.send(JSON.stringify({ type: 'join-room', room: name }));
        for (let n = next; n <= count && socket.readyState === 1; n++) {
          socket.send(JSON.stringify({ type: 'message', room: name, content: n }));
          if (n % 20 === 0) await new Promise(turn => setTimeout(turn, 5));
        }
      });
      socket.on('message', data => {
        const { type, message, userId } = JSON.parse(data);
        if (type === 'message' && userId === 'naive') seen = Math.max(seen, message);
        if (seen >= count) socket.close();
      });
      socket.on('error', () => {});
      socket.on('close', () => { next = seen + 1; resolve(); });
      setTimeout(() => socket.terminate(), 2_000).unref();
    });
  }
  proxy.close();
  await until(() => witnessed.includes(count));
  assert.ok(judge(witnessed, count).length > 0, `seed ${seed}: no fault showed`);
});

test('42. A thousand publications to a hub that takes 100 a second: all applied once, in order', async t => {
  const limited = await startHub({ rate: 100 });
  try {
    const client = connect(t, limited.url, { token: 'ann', maxUnderWay: 1 });
    const seen = [], room = client.room('room:many');
    room.on('message', ({ message }) => seen.push(message));
    const receipts = Array.from({ length: 400 }, (_, n) => room.publish(n + 1));
    await Promise.all(receipts.map(({ acked }) => acked));
    await until(() => seen.length === 400);
    assert.deepEqual(judge(seen, 400), []);
  } finally {
    await limited.kill();
  }
});

test('The hub dies and comes back empty: a reset is told, and what waited is published', async t => {
  const mortal = await startHub();
  let again;
  try {
    const client = connect(t, mortal.url, { ...Quick, token: 'ann' });
    const seen = [], room = client.room('room:mortal');
    room.on('message', ({ message }) => seen.push(message));
    room.on('reset', ({ cause }) => seen.push(cause));
    await room.join();
    await room.publish('before').acked;
    await mortal.kill();
    const receipt = room.publish('after');
    again = await startHub({ port: mortal.port });
    await receipt.acked;
    await until(() => seen.length === 3);
    assert.deepEqual(seen, ['before', 'recovery', 'after']);
  } finally {
    await mortal.kill();
    await again?.kill();
  }
});

test('Bytes of others are messages of the room, in its order, live and recovered', async t => {
  const { default: WebSocket } = await import('ws');
  const client = connect(t, hub.url, { token: 'ann' }), name = 'room:bytes', seen = [];
  client.room(name).on('message', ({ message, binary, offset, username }) =>
    seen.push(`${offset} ${username} ${message ?? new TextDecoder().decode(binary)}`));
  client.room(name).on('reset', ({ cause }) => seen.push(cause));
  await client.room(name).join();
  const peer = new WebSocket(hub.url, ['longwire.v1.json', 'bearer.bob']);
  t.after(() => peer.terminate());
  await new Promise(resolve => peer.once('open', resolve));
  peer.send(JSON.stringify({ type: 'join-room', room: name }));
  const field = text => Buffer.from([text.length, ...Buffer.from(text)]);
  const bytes = text => Buffer.concat([Buffer.from([1]), field(name), field(''), Buffer.from(text)]);
  peer.send(JSON.stringify({ type: 'message', room: name, content: 'text' }));
  peer.send(bytes('bytes'));
  peer.send(JSON.stringify({ type: 'message', room: name, content: 'more text' }));
  await until(() => seen.length === 3);
  client.reconnect();
  peer.send(bytes('missed'));
  await until(() => seen.length === 4);
  const later = connect(t, hub.url, { token: 'carl' }), past = [];
  later.room(name, { history: 10 }).on('message', ({ binary }) => past.push(binary && new TextDecoder().decode(binary)));
  await later.room(name).join();
  assert.deepEqual(seen, ['1 bob text', '2 bob bytes', '3 bob more text', '4 bob missed']);
  assert.deepEqual(past, [undefined, 'bytes', undefined, 'missed']);
});
