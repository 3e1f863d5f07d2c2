// The scenarios of docs/protocol/client.md about publications. The number leads each name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubClient } from 'longwire';
import { TestHub, settle } from 'longwire/testing';

async function join(hub, options = {}) {
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, random: () => 1, ...options });
  const room = client.room('r');
  await room.join();
  return { client, room };
}

const published = (hub, name = 'r') => hub.room(name).messages.map(({ message }) => message);
const sent = hub => hub.received.filter(({ type }) => type === 'message');
/** The outcome of a receipt, in one word. */
const outcome = receipt => receipt.acked.then(({ repeated }) => repeated ? 'repeated' : 'acked', ({ code, name }) => code ?? name);

test('35. Publish while offline, then online: queued, sent, acked with its position', async () => {
  const hub = new TestHub();
  const { room } = await join(hub);
  await hub.cut();
  const receipt = room.publish({ text: 'hi' });
  assert.equal(receipt.state, 'queued');
  let during;
  hub.refuse = () => { during = receipt.state; };
  await hub.clock.advance(1_000);
  assert.equal(during, 'sent');
  assert.equal(receipt.state, 'acked');
  assert.deepEqual((({ room: name, offset }) => ({ name, offset }))(await receipt.acked), { name: 'r', offset: 1 });
  assert.deepEqual(published(hub), [{ text: 'hi' }]);
});

for (const forgets of [false, true]) {
  test(forgets ? '37. The same on another session of the same user: published once, the producer is the same'
    : '36. The connection breaks after the message arrived and before its ack: sent again with the same id and bytes, published once', async () => {
    const hub = new TestHub();
    const { room } = await join(hub, { token: 'ann' });
    hub.losesAcks = true;
    const receipt = room.publish('once');
    await settle();
    assert.equal(receipt.state, 'sent');
    await hub.cut();
    assert.equal(receipt.state, 'queued');
    if (forgets) hub.forgetSessions();
    hub.losesAcks = false;
    await hub.clock.advance(1_000);
    assert.equal(await outcome(receipt), 'repeated');
    assert.deepEqual(published(hub), ['once']);
    const texts = hub.sockets.map(socket => socket.sent.find(text => text.includes('once')));
    assert.equal(texts.length, 2);
    assert.equal(texts[0], texts[1]);
  });
}

test('38. The same, and idempotencyMs is over meanwhile: uncertain, and not sent again. 39. What was never sent is sent', async () => {
  const hub = new TestHub();
  hub.idempotencyMs = 600_000;
  const { room } = await join(hub);
  hub.losesAcks = true;
  const first = room.publish('sent');
  await settle();
  hub.isUp = false;
  await hub.cut();
  const second = room.publish('never sent');
  await hub.clock.advance(600_000);
  hub.losesAcks = false;
  hub.isUp = true;
  await hub.clock.advance(30_000);
  assert.equal(await outcome(first), 'UncertainDeliveryError');
  assert.equal(first.state, 'uncertain');
  assert.equal(await outcome(second), 'acked');
  assert.deepEqual(published(hub), ['sent', 'never sent']);
});

test('40. Refused for good: refused with code and text, and the next is sent', async () => {
  const hub = new TestHub();
  const { room } = await join(hub);
  hub.refuse = ({ content }) => content === 'bad' ? { code: 'forbidden', message: 'No spam' } : undefined;
  const bad = room.publish('bad'), good = room.publish('good');
  await assert.rejects(bad.acked, { name: 'HubRefusedError', code: 'forbidden', message: 'No spam' });
  assert.equal(bad.state, 'refused');
  assert.equal(await outcome(good), 'acked');
});

test('41. rate-limited with retryAfterMs, unavailable: sent again then, before anything later of that room', async () => {
  for (const error of [{ code: 'rate-limited', retryAfterMs: 700 }, { code: 'unavailable' }]) {
    const hub = new TestHub();
    const { client, room } = await join(hub, { maxUnderWay: 1 });
    await client.room('other').join();
    let refusals = 1;
    hub.refuse = ({ content }) => content === '1' && refusals-- > 0 ? error : undefined;
    room.publish('1');
    room.publish('2');
    client.room('other').publish('else');
    await settle();
    assert.deepEqual(published(hub), []);
    assert.deepEqual(published(hub, 'other'), ['else']);
    await hub.clock.advance((error.retryAfterMs ?? 1_000) - 1);
    assert.deepEqual(published(hub), []);
    await hub.clock.advance(1);
    assert.deepEqual(published(hub), ['1', '2']);
  }
});

test('42. A thousand publications to a hub with default limits: all applied once, in order', async () => {
  const hub = new TestHub();
  hub.historySize = 2_000;
  const { room } = await join(hub);
  // 100 a second with bursts of 200, as the protocol's page has it.
  let allowance = 200, at = hub.clock.now(), refusals = 0;
  hub.refuse = ({ type }) => {
    if (type !== 'message') return undefined;
    allowance = Math.min(200, allowance + (hub.clock.now() - at) / 10);
    at = hub.clock.now();
    if (allowance >= 1) return void allowance--;
    refusals++;
    return { code: 'rate-limited', retryAfterMs: Math.ceil((1 - allowance) * 10) };
  };
  const expected = Array.from({ length: 1_000 }, (_, n) => n);
  for (const n of expected) room.publish(n);
  await hub.clock.advance(10_000);
  assert.deepEqual(published(hub), expected);
  assert.ok(refusals > 0, 'the limit was not met');
});

test('59. A hub refuses one of several under way for now: those behind it wait, and all are applied once, in order', async () => {
  for (const [error, delay] of [[{ code: 'rate-limited', retryAfterMs: 700 }, 700], [{ code: 'unavailable' }, 1_000]]) {
    const hub = new TestHub();
    const { client, room } = await join(hub);
    await client.room('other').join();
    const release = hub.socket.holdUpstream();
    for (let n = 0; n < 20; n++) room.publish(n);
    client.room('other').publish('else');
    await settle();
    const messages = () => hub.socket.sent.filter(text => text.includes('"message"')).map(text => JSON.parse(text));
    assert.equal(messages().length, 16, 'at most 16 are under way');
    assert.deepEqual(messages().map(({ afterId }) => afterId), [undefined, ...messages().slice(0, 15).map(({ id }) => id)]);
    let refusals = 1;
    hub.refuse = ({ content }) => content === 3 && refusals-- > 0 ? error : undefined;
    release();
    await settle();
    assert.deepEqual(published(hub), [0, 1, 2]);
    assert.deepEqual(published(hub, 'other'), ['else']);
    await hub.clock.advance(delay - 1);
    assert.deepEqual(published(hub), [0, 1, 2]);
    const before = messages().length, hold = hub.socket.holdUpstream();
    await hub.clock.advance(1);
    assert.equal(messages().length, before + 1, 'one at a time after a refusal');
    hold();
    await settle();
    assert.deepEqual(published(hub), Array.from({ length: 20 }, (_, n) => n));
  }
});

test('43. Another user signs in while messages wait: none of the former user\'s is published', async () => {
  const hub = new TestHub();
  const tokens = ['ann', 'bob'];
  const { room } = await join(hub, { token: () => tokens.shift() });
  hub.losesAcks = true;
  const first = room.publish('sent');
  await settle();
  await hub.cut();
  const second = room.publish('never sent');
  hub.losesAcks = false;
  await hub.clock.advance(1_000);
  assert.equal(await outcome(first), 'UncertainDeliveryError');
  assert.equal(await outcome(second), 'other-destination');
  assert.deepEqual(hub.room('r').messages.map(({ userId, message }) => `${userId} ${message}`), ['ann sent']);
});

test('43. A guest comes back as another guest: what was sent is uncertain, what was never sent is sent', async () => {
  const hub = new TestHub();
  const { room } = await join(hub);
  hub.losesAcks = true;
  const first = room.publish('sent');
  await settle();
  await hub.cut();
  hub.forgetSessions();
  const second = room.publish('never sent');
  hub.losesAcks = false;
  await hub.clock.advance(1_000);
  assert.equal(await outcome(first), 'UncertainDeliveryError');
  assert.equal(await outcome(second), 'acked');
  assert.deepEqual(published(hub), ['sent', 'never sent']);
});

test('54. 1009 with three messages under way: the largest is refused as too-large, the others are published once', async () => {
  const hub = new TestHub();
  const { room } = await join(hub);
  hub.socket.holdUpstream();
  const receipts = ['a', 'b'.repeat(500), 'c'].map(content => room.publish(content));
  await settle();
  await hub.close(1009, 'Message too big');
  await hub.clock.advance(1_000);
  assert.deepEqual(await Promise.all(receipts.map(outcome)), ['acked', 'too-large', 'acked']);
  assert.deepEqual(published(hub), ['a', 'c']);
});

test('17. A full outbox, by count and by bytes: publish throws, and what waits stays', async () => {
  const hub = new TestHub();
  hub.isUp = false;
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, random: () => 1, maxOutboxMessages: 2 });
  client.room('r').publish('1');
  client.room('r').publish('2');
  assert.throws(() => client.room('r').publish('3'), { name: 'OutboxFullError' });
  hub.isUp = true;
  await hub.clock.advance(1_000);
  assert.deepEqual(published(hub), ['1', '2']);
  const small = new HubClient('ws://hub.test/hub', { ...hub.options, maxOutboxBytes: 100 });
  assert.throws(() => small.room('r').publish('x'.repeat(40)), { name: 'OutboxFullError' });
  client.close();
  small.close();
});

test('A publication waits for its room; when the join is refused, so is the publication, with the same code', async () => {
  const hub = new TestHub();
  hub.refuse = ({ type }) => type === 'join-room' ? { code: 'forbidden', message: 'Members only' } : undefined;
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, random: () => 1 });
  const receipt = client.room('r').publish('x');
  await assert.rejects(receipt.acked, { code: 'forbidden', message: 'Members only' });
  assert.equal(sent(hub).length, 0);
  client.close();
});

test('A join refused for now is tried again, and what waits for the room then goes', async () => {
  const hub = new TestHub();
  let refusals = 2;
  hub.refuse = ({ type }) => type === 'join-room' && refusals-- > 0 ? { code: 'unavailable' } : undefined;
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, random: () => 1 });
  const receipt = client.room('r').publish('x');
  await hub.clock.advance(1_000);
  assert.equal(receipt.state, 'queued');
  await hub.clock.advance(1_500);
  assert.equal(await outcome(receipt), 'acked');
  client.close();
});

test('An application\'s type is published with its fields flat; typing is sent without keeping, and dropped while offline', async () => {
  const hub = new TestHub();
  const { room } = await join(hub);
  hub.answer = () => null;
  room.publish('edit', { at: 5 }, { key: 'k', version: 3 });
  assert.equal(room.send('typing', { on: true }), true);
  await settle();
  const [edit, typing] = hub.received.slice(-2);
  assert.deepEqual([edit.type, edit.at, edit.key, edit.version, typeof edit.id], ['edit', 5, 'k', 3, 'string']);
  assert.deepEqual(typing, { type: 'typing', on: true, room: 'r' });
  await hub.cut();
  assert.equal(room.send('typing', { on: true }), false);
});

test('direct and chat are kept until they are confirmed, without a room', async () => {
  const hub = new TestHub();
  const { client } = await join(hub, { token: 'ann' });
  await hub.cut();
  const direct = client.direct('bob', 'psst'), chat = client.chat('all');
  await hub.clock.advance(1_000);
  assert.deepEqual(await Promise.all([direct, chat].map(outcome)), ['acked', 'acked']);
  assert.deepEqual(published(hub, '$user:bob'), ['psst']);
  assert.deepEqual(published(hub, '$all'), ['all']);
});

test('Leaving a room refuses what waits there, and the room can be joined again', async () => {
  const hub = new TestHub();
  const { room } = await join(hub);
  await hub.cut();
  const receipt = room.publish('x');
  room.leave();
  assert.equal(await outcome(receipt), 'not-in-room');
  await hub.clock.advance(1_000);
  assert.equal(hub.room('r').members.size, 0);
  await room.join();
  assert.equal(hub.room('r').members.size, 1);
});

test('No promise that nobody looks at is an error of the page', async () => {
  const hub = new TestHub();
  const rejected = [];
  const listener = error => rejected.push(error);
  process.on('unhandledRejection', listener);
  hub.refuse = () => ({ code: 'forbidden' });
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, random: () => 1, token: () => { throw new Error('no token'); } });
  client.room('r').publish('x');
  client.room('r').join();
  client.room('r').ask('x', {}, { timeout: 10 });
  await hub.clock.advance(5_000);
  client.close();
  client.room('r').ask('x');
  await settle();
  process.off('unhandledRejection', listener);
  assert.deepEqual(rejected, []);
});

test('Where there is no IndexedDB and no page, the outbox is in memory and the connection the client\'s own, and error tells why', async () => {
  const hub = new TestHub();
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, outbox: 'indexeddb', tabs: 'shared', token: 'ann' });
  const errors = [];
  client.on('error', error => errors.push(error.message));
  const receipt = client.room('r').publish('x');
  await receipt.acked;
  assert.equal(errors.length, 1);
  assert.deepEqual(published(hub), ['x']);
  client.close();
});

test('A kept outbox whose user is not known yet waits for the token, and goes on when it is there', async () => {
  const hub = new TestHub();
  let fails = true;
  const client = new HubClient('ws://hub.test/hub', {
    ...hub.options, random: () => 1, outbox: 'indexeddb', token: () => {
      if (fails) throw new Error('no token today');
      return 'ann';
    },
  });
  const receipt = client.room('r').publish('x');
  await hub.clock.advance(500);
  assert.equal(hub.sockets.length, 0);
  fails = false;
  await hub.clock.advance(1_000);
  assert.equal(await outcome(receipt), 'acked');
  client.close();
});
