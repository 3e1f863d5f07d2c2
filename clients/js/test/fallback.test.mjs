// A hub behind a proxy that lets no WebSocket through. The number of a scenario of docs/protocol/client.md leads each name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HubClient } from 'longwire';
import { liveMap, presence } from 'longwire/state';
import { HttpProxy } from './support/http-proxy.mjs';
import { judge } from './support/judge.mjs';
import { startHub, until } from './support/processes.mjs';
import { newSeed, seeded } from './support/random.mjs';

let hub;
before(async () => { hub = await startHub(); });
after(() => hub.kill());

const Quick = { reconnectInterval: 20, maxReconnectInterval: 100, timeout: 180_000 };

/** A clock whose waits for the hub's first message are shorter, by a factor; longer where a slow machine must not seem to be a proxy that buffers. */
const shortened = (factor, started = []) => ({
  now: () => Date.now(), clearTimeout: timer => clearTimeout(timer),
  setTimeout: (callback, milliseconds) => {
    started.push(milliseconds);
    return setTimeout(callback, milliseconds === 4_000 || milliseconds === 5_000 ? milliseconds / factor : milliseconds);
  },
});

/** A client behind a proxy of its own, and another that is not. */
async function behind(t, proxied = {}, options = {}) {
  const proxy = Object.assign(await new HttpProxy(hub.port).listen(), proxied);
  const client = new HubClient(proxy.url, { ...Quick, token: 'ann', ...options }), other = new HubClient(hub.url, { token: 'bob', timeout: 180_000 });
  t.after(() => { client.close(); other.close(); proxy.close(); });
  return { proxy, client, other };
}

for (const [way, proxied, factor, request] of [
  ['server-sent events', {}, 0.02, 'GET /hub/events'], ['long polling', { buffers: true }, 4, 'GET /hub/poll'],
]) {
  test(`68. No WebSocket gets through: rooms, acks, asks, questions, maps and users by ${way}, in the same session after a cut`, async t => {
    const { proxy, client, other } = await behind(t, proxied, { clock: shortened(factor) }), seen = [], typing = [], name = `room:${way[0]}`;
    const room = client.room(name, { history: 10 }), users = presence(room);
    room.on('message', ({ message }) => seen.push(message));
    room.on('typing', ({ on }) => typing.push(on));
    await other.room(name).join();
    await other.room(name).publish('before').acked;
    await room.join();
    assert.ok(proxy.count(request));
    assert.equal((await room.publish('own').acked).offset, 2);
    other.room(name).send('typing', { on: true });
    await until(() => typing.length && users.users === 2);
    assert.equal(await room.ask('search', { text: 'hi' }), 'found hi');
    client.onAsk('confirm', ({ text }) => `yes to ${text}`);
    assert.equal(await hub.ask(client.clientId), 'yes to Sure?');
    const map = liveMap(client.room(`board:${way[0]}`));
    await map.put('key', 1);
    await until(() => map.get('key') === 1);
    assert.deepEqual(seen, ['before', 'own']);
    const { clientId } = client;
    proxy.isDown = true;
    proxy.cut();
    await until(() => client.state !== 'open');
    const waited = room.publish('waited');
    await other.room(name).publish('missed').acked;
    proxy.isDown = false;
    await waited.acked;
    await until(() => seen.length === 4);
    assert.deepEqual([seen.slice(2).sort(), client.clientId], [['missed', 'waited'], clientId]);
  });
}

test('69. Cuts at random, by events and by polling: what is published counts once, and comes in order', async t => {
  const seed = newSeed(), random = seeded(seed), count = 200;
  await Promise.all([{}, { buffers: true }].map(async (proxied, at) => {
    const { proxy, client, other } = await behind(t, proxied, { random, clock: shortened(4) }), sent = [], published = [], received = [];
    const name = `room:cuts-${at}`, room = client.room(name);
    room.on('message', ({ message, userId }) => userId === 'bob' && received.push(message));
    room.on('reset', () => received.push('reset'));
    other.room(name).on('message', ({ message, userId }) => userId === 'ann' && published.push(message));
    await Promise.all([room.join(), other.room(name).join()]);
    for (let n = 1; n <= count; n++) {
      sent.push(room.publish(n).acked, other.room(name).publish(n).acked);
      if (n % 20 === 0) {
        await new Promise(resolve => setTimeout(resolve, random() * 40));
        proxy.cut();
      }
    }
    await Promise.all(sent);
    await until(() => published.length >= count && received.length >= count, `all received (seed ${seed})`);
    assert.deepEqual([judge(published, count), judge(received, count)], [[], []], `seed ${seed}`);
  }));
});

test('70. By option events or polling alone: no WebSocket is tried, and closing says goodbye', async t => {
  for (const transport of ['events', 'polling']) {
    const { proxy, client, other } = await behind(t, {}, { transport }), left = [];
    const room = client.room(`room:only-${transport}`), seen = [];
    room.on('message', ({ message }) => seen.push(message));
    await room.join();
    other.room(room.name).on('user-left', ({ userId }) => left.push(userId));
    await other.room(room.name).publish('hello').acked;
    await until(() => seen.length);
    // Said before the goodbye.
    const { acked } = room.publish('last');
    client.close();
    await acked;
    await until(() => client.state === 'closed');
    assert.deepEqual([proxy.count('upgrade'), proxy.count('DELETE /hub/session')], [0, 1]);
    await until(() => left.length, 'the others are told');
    assert.deepEqual(left, ['ann']);
  }
});

test('71. A WebSocket is tried again: after a while, and from then on it is one', async t => {
  // The long wait ends when the test says so.
  const waits = [];
  const clock = {
    now: () => Date.now(), clearTimeout: timer => clearTimeout(timer),
    setTimeout: (callback, milliseconds) => milliseconds >= 300_000 ? void waits.push({ callback, milliseconds }) : setTimeout(callback, milliseconds),
  };
  const { proxy, client } = await behind(t, {}, { clock, random: () => 0.5 }), room = client.room('room:again');
  await room.join();
  const { clientId } = client;
  assert.deepEqual(waits.map(({ milliseconds }) => milliseconds), [450_000]);
  const blocked = proxy.count('upgrade');
  waits.pop().callback();
  await until(() => waits.length, 'blocked still, and back by events');
  assert.ok(proxy.count('upgrade') > blocked);
  await until(() => client.state === 'open');
  proxy.upgrades = true;
  const receipts = [1, 2, 3].map(n => room.publish(n).acked);
  waits.pop().callback();
  await Promise.all(receipts);
  const { length } = proxy.seen;
  await until(() => client.state === 'open' && proxy.seen.at(-1) === 'upgrade');
  await room.publish(4).acked;
  assert.deepEqual([client.clientId, proxy.seen.slice(length).filter(entry => entry !== 'upgrade'), waits.length], [clientId, [], 0]);
});

test('72. An upgrade that is left without an answer ends the first attempt; in the next it has 5 s, then it goes by events', async t => {
  const started = [], clock = shortened(50, started);
  const { proxy, client } = await behind(t, { hangs: true }, { clock, connectTimeout: 2_000 });
  await client.room('room:hangs').join();
  assert.ok(started.includes(5_000) && proxy.count('GET /hub/events') > 0);
});

test('73. Nobody there: three requests an attempt; the hub\'s word counts on every way; bytes are refused', async t => {
  const { proxy, client } = await behind(t, { isDown: true }, { maxAttempts: 4 });
  const failed = client.room('room:bytes').join().catch(error => error);
  await until(() => client.state === 'closed');
  // One WebSocket at first, then each way in each of four attempts.
  assert.deepEqual([proxy.count('upgrade'), proxy.count('GET /hub/events'), proxy.count('GET /hub/poll')], [5, 4, 4]);
  proxy.isDown = false;
  client.reconnect();
  await client.room('room:bytes').join();
  await assert.rejects(client.room('room:bytes').publish(new Uint8Array([1, 2])).acked, { name: 'HubRefusedError', code: 'invalid-format' });
  await client.room('room:bytes').publish('text').acked;
  void failed;
  const tokens = ['expired-1', 'expired-2', 'eve'], { client: eve } = await behind(t, {}, { token: () => tokens.shift(), transport: 'events' });
  await eve.room('room:bytes').join();
  assert.equal(eve.userId, 'eve');
});

test('74. Events that stop while the hub still answers: the connection is dropped, and what was missed comes', async t => {
  const jump = { by: 0 };
  const clock = { now: () => Date.now() + jump.by, setTimeout: (...given) => setTimeout(...given), clearTimeout: timer => clearTimeout(timer) };
  const { proxy, client, other } = await behind(t, {}, { clock, transport: 'events' }), seen = [], room = client.room('room:frozen');
  room.on('message', ({ message }) => seen.push(message));
  await room.join();
  proxy.freeze();
  await other.room('room:frozen').publish('missed').acked;
  // Looks at the clock that come late by less than sleep: each probes.
  for (let steps = 0; seen.length === 0 && steps < 100; steps++) {
    jump.by += 20_000;
    await new Promise(resolve => setTimeout(resolve, 1_100));
  }
  assert.deepEqual(seen, ['missed']);
});
