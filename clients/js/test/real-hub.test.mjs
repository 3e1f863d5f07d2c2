// The client in Node, on its own WebSocket, against a real hub: alone, through a proxy with faults, and across the hub's restart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HubClient } from 'longwire';
import { presence } from 'longwire/state';
import { FaultProxy } from './support/fault-proxy.mjs';
import { sendThroughFaults } from './support/fault-run.mjs';
import { judge } from './support/judge.mjs';
import { startHub, until, within } from './support/processes.mjs';
import { newSeed, seeded } from './support/random.mjs';

let hub;
before(async () => { hub = await startHub(); });
after(() => hub.kill());

/** A client that ends with the test. */
function connect(t, url, options) {
  const client = new HubClient(url, { timeout: 180_000, ...options });
  t.after(() => client.close());
  return client;
}

// Waits that say what they are for when nothing comes.
const joined = room => within(room.join(), `${room.name} is joined`);
const acked = receipt => within(receipt.acked, `an ack, of what is ${receipt.state}`);

const Quick = { reconnectInterval: 50, maxReconnectInterval: 200, connectTimeout: 1_500 };

test('Rooms, history, presence, asks, questions, direct and chat, against a real hub', async t => {
  const ann = connect(t, hub.url, { token: 'ann' }), bob = connect(t, hub.url, { token: 'bob' });
  const seen = [], typing = [];
  const room = ann.room('room:all', { history: 10 }), users = presence(room);
  room.on('message', ({ message, username }, from) => seen.push(`${username} ${message.text} ${from.userId}`));
  room.on('typing', ({ on }, from) => typing.push(`${from.username} ${on}`));
  await joined(bob.room('room:all'));
  const receipt = bob.room('room:all').publish({ text: 'before' });
  assert.equal((await acked(receipt)).offset, 1);
  await joined(room);
  await acked(bob.room('room:all').publish({ text: 'after' }));
  bob.room('room:all').send('typing', { on: true });
  await until(() => seen.length === 2 && typing.length, 'both messages and the typing', () => seen.length);
  assert.deepEqual(seen, ['bob before bob', 'bob after bob']);
  assert.deepEqual(typing, ['bob true']);
  await until(() => users.users === 2, 'two users');
  assert.equal(await room.ask('search', { text: 'hi' }), 'found hi');
  assert.equal((await room.history({ limit: 1 }))[0].message.text, 'after');
  const direct = [], chats = [];
  ann.me.on('direct', ({ message, from }) => direct.push(`${from} ${message}`));
  ann.everyone.on('chat', ({ message }) => chats.push(message));
  await acked(bob.direct('ann', 'psst'));
  await acked(bob.chat('hello all'));
  await until(() => direct.length && chats.length, 'a direct message and a chat');
  assert.deepEqual([direct, chats], [['bob psst'], ['hello all']]);
  ann.onAsk('confirm', ({ text }) => `yes to ${text}`);
  assert.equal(await within(hub.ask(ann.clientId), 'the application has its answer'), 'yes to Sure?');
  await assert.rejects(joined(bob.room('closed:x')), { name: 'HubRefusedError', code: 'forbidden', message: 'Members only' });
});

test('A token that the hub refuses, and then a good one', async t => {
  const tokens = ['expired-1', 'ann'];
  const client = connect(t, hub.url, { ...Quick, token: async () => tokens.shift() });
  const reasons = [];
  client.on('state', ({ reason }) => reason && reasons.push(reason));
  await joined(client.room('room:token'));
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
    await joined(room);
    await joined(bob.room('room:break'));
    const { clientId } = ann;
    ann.reconnect();
    const own = room.publish(1);
    bob.room('room:break').publish(2);
    await acked(own);
    await until(() => seen.length === 2, 'both messages', () => seen.length);
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
  // By which chance a fault loses something is the seed's matter: one that happens to be harmless is followed by another.
  const seed = newSeed();
  for (let run = 0; run < 20; run++) {
    if ((await sendNaively(t, seed + run)).length > 0) return;
  }
  assert.fail(`seed ${seed}: no fault showed in 20 runs`);
});

// A sender without ids, which sends again what it has no echo of, as naive clients do. Returns what the judge finds.
async function sendNaively(t, seed) {
  const random = seeded(seed);
  const { default: WebSocket } = await import('ws');
  const proxy = await new FaultProxy(hub.port, random).listen();
  const name = `room:naive-${seed}`, count = 300;
  const witness = connect(t, hub.url, { token: 'witness' });
  const witnessed = [];
  witness.room(name).on('message', ({ message }) => witnessed.push(message));
  await joined(witness.room(name));
  let next = 1, connections = 0;
  while (next <= count) {
    assert.ok(++connections < 1_000, `seed ${seed}: ${next - 1} of ${count} have an echo after ${connections} connections`);
    await new Promise(resolve => {
      const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/hub`, ['longwire.v1.json', 'bearer.naive']);
      let seen = next - 1, timer;
      // A connection that is silent for long is dead.
      const listen = () => { clearTimeout(timer); timer = setTimeout(() => socket.terminate(), 2_000); };
      listen();
      socket.on('open', async () => {
        listen();
        socket.send(JSON.stringify({ type: 'join-room', room: name }));
        for (let n = next; n <= count && socket.readyState === 1; n++) {
          socket.send(JSON.stringify({ type: 'message', room: name, content: n }));
          if (n % 20 === 0) await new Promise(turn => setTimeout(turn, 5));
        }
      });
      socket.on('message', data => {
        listen();
        const { type, message, userId } = JSON.parse(data);
        if (type === 'message' && userId === 'naive') seen = Math.max(seen, message);
        if (seen >= count) socket.close();
      });
      socket.on('error', () => {});
      socket.on('close', () => { clearTimeout(timer); next = seen + 1; resolve(); });
    });
  }
  proxy.close();
  await until(() => witnessed.includes(count), `the witness has the last (seed ${seed})`, () => witnessed.length);
  return judge(witnessed, count);
}

test('42. and 59. Publications with 16 under way to a hub that takes 100 a second: all applied once, in order', async t => {
  const limited = await startHub({ rate: 100 });
  try {
    const client = connect(t, limited.url, { token: 'ann' });
    const seen = [], room = client.room('room:many');
    room.on('message', ({ message }) => seen.push(message));
    const receipts = Array.from({ length: 400 }, (_, n) => room.publish(n + 1));
    await until(() => seen.length === 400, 'all 400', () => seen.length);
    await Promise.all(receipts.map(acked));
    assert.deepEqual(judge(seen, 400), []);
  } finally {
    await limited.kill();
  }
});

test('The hub dies and comes back empty: a reset is told, what waited is published, and bytes come as before', async t => {
  const mortal = await startHub();
  let again;
  try {
    // Where the WebSocket is refused a moment before the hub is back, events would get through, which carry no bytes.
    const client = connect(t, mortal.url, { ...Quick, transport: 'websocket', token: 'ann' });
    const seen = [], room = client.room('room:mortal');
    room.on('message', ({ message, binary }) => seen.push(message ?? `bytes ${binary}`));
    room.on('reset', ({ cause }) => seen.push(cause));
    await joined(room);
    await acked(room.publish('before'));
    await mortal.kill();
    const receipt = room.publish('after');
    again = await startHub({ port: mortal.port });
    await acked(receipt);
    await until(() => seen.length === 3, 'what was before, a reset and what waited', () => seen.length);
    await acked(room.publish(Uint8Array.of(1, 2)));
    await until(() => seen.length === 4, 'the bytes', () => seen.length);
    assert.deepEqual(seen, ['before', 'recovery', 'after', 'bytes 1,2']);
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
  await joined(client.room(name));
  const peer = new WebSocket(hub.url, ['longwire.v1.json', 'bearer.bob']);
  t.after(() => peer.terminate());
  await within(new Promise((resolve, reject) => peer.once('open', resolve).once('error', reject)), 'the peer is connected');
  peer.send(JSON.stringify({ type: 'join-room', room: name }));
  const field = text => Buffer.from([text.length, ...Buffer.from(text)]);
  const bytes = text => Buffer.concat([Buffer.from([1]), field(name), field(''), Buffer.from(text)]);
  peer.send(JSON.stringify({ type: 'message', room: name, content: 'text' }));
  peer.send(bytes('bytes'));
  peer.send(JSON.stringify({ type: 'message', room: name, content: 'more text' }));
  await until(() => seen.length === 3, 'three messages', () => seen.length);
  client.reconnect();
  peer.send(bytes('missed'));
  await until(() => seen.length === 4, 'the one that was missed');
  const later = connect(t, hub.url, { token: 'carl' }), past = [];
  later.room(name, { history: 10 }).on('message', ({ binary }) => past.push(binary && new TextDecoder().decode(binary)));
  await joined(later.room(name));
  assert.deepEqual(seen, ['1 bob text', '2 bob bytes', '3 bob more text', '4 bob missed']);
  assert.deepEqual(past, [undefined, 'bytes', undefined, 'missed']);
});

test('Bytes are published: those of a time without a connection once, in the order of the text around them', async t => {
  const ann = connect(t, hub.url, { token: 'ann', ...Quick }), bob = connect(t, hub.url, { token: 'bob' }), name = 'room:published-bytes';
  const seen = [], text = bytes => new TextDecoder().decode(bytes), bytes = value => new TextEncoder().encode(value);
  bob.room(name).on('message', ({ message, binary }) => seen.push(message ?? `bytes ${text(binary)}`));
  await joined(bob.room(name));
  const room = ann.room(name);
  assert.equal(room.send(bytes('dropped')), false);
  await joined(room);
  ann.reconnect();
  const receipts = [room.publish('1'), room.publish(bytes('2')), room.publish(bytes('x'.repeat(300))), room.publish('3')];
  const offsets = (await Promise.all(receipts.map(acked))).map(({ offset }) => offset);
  await until(() => seen.length === 4, 'four messages', () => seen.length);
  assert.deepEqual(seen, ['1', 'bytes 2', `bytes ${'x'.repeat(300)}`, '3']);
  assert.deepEqual(offsets, [1, 2, 3, 4]);
  assert.throws(() => room.publish(new Uint8Array(1 << 20)), { code: 'too-large' });
});
