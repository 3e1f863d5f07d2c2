// The scenarios of docs/protocol/client.md about a hub's rooms. The number leads each name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub, settle } from 'longwire/testing';
import { connect, join } from './support/hub-client.mjs';

test('44. Lost in a room, messages published meanwhile, back: the messages in order, once, then live ones', async () => {
  const hub = new TestHub();
  const { seen } = await join(hub);
  hub.room('r').publish('1');
  await settle();
  await hub.cut();
  hub.room('r').publish('2');
  hub.room('r').publish('3');
  await hub.clock.advance(1_000);
  hub.room('r').publish('4');
  await settle();
  assert.deepEqual(seen, ['1', '2', '3', '4']);
});

test('45. Lost right after joined-room, before any message: the first message is recovered', async () => {
  const hub = new TestHub();
  const { seen } = await join(hub);
  await hub.cut();
  hub.room('r').publish('first');
  await hub.clock.advance(1_000);
  assert.deepEqual(seen, ['first']);
});

test('46. Lost before joined-room was read: joined afresh, and join() succeeds', async () => {
  const hub = new TestHub();
  const { client } = connect(hub);
  const joining = client.room('r').join();
  await Promise.resolve();
  hub.refuse = () => ({ code: 'unavailable' });
  await settle();
  await hub.cut();
  hub.refuse = () => undefined;
  await hub.clock.advance(1_000);
  assert.equal((await joining).room, 'r');
});

test('47. Away for longer than the history holds: reset with recovery before the first message', async () => {
  const hub = new TestHub();
  hub.historySize = 2;
  const { seen } = await join(hub);
  await hub.cut();
  for (const text of ['1', '2', '3']) hub.room('r').publish(text);
  await hub.clock.advance(1_000);
  assert.deepEqual(seen, ['reset recovery', '2', '3']);
});

test('48. room-reset: reset with server, within 5 s; live messages follow', async () => {
  const hub = new TestHub();
  const { seen } = await join(hub, { random: () => 0 });
  hub.room('r').publish('1');
  hub.room('r').reset();
  await hub.clock.advance(0);
  hub.room('r').publish('2');
  await settle();
  assert.deepEqual(seen, ['1', 'reset server', '2']);
});

test('49. A live message repeats an offset: dropped; leaves some out: reset with gap, then the message', async () => {
  const hub = new TestHub();
  const { seen } = await join(hub);
  const message = hub.room('r').publish('1');
  hub.tell(hub.socket, message);
  hub.room('r').offset += 3;
  hub.room('r').publish('5');
  await settle();
  assert.deepEqual(seen, ['1', 'reset gap', '5']);
});

test('50. A join is refused on coming back: left with the code; other rooms stay', async () => {
  const hub = new TestHub();
  const { client, room, seen } = await join(hub);
  const other = client.room('other');
  await other.join();
  hub.refuse = ({ type, room: name }) => type === 'join-room' && name === 'r' ? { code: 'forbidden', message: 'Forbidden' } : undefined;
  await hub.cut();
  await hub.clock.advance(1_000);
  assert.deepEqual(seen, ['left forbidden Forbidden']);
  assert.equal(room.isJoined, false);
  assert.equal(other.isJoined, true);
});

test('50. The application puts a member out: left with its reason, and the room is not joined again', async () => {
  const hub = new TestHub();
  const { room, seen } = await join(hub);
  hub.room('r').putOut('Closed');
  await settle();
  assert.deepEqual(seen, ['left undefined Closed']);
  await hub.cut();
  await hub.clock.advance(1_000);
  assert.equal(room.isJoined, false);
  assert.equal(hub.received.filter(({ type }) => type === 'join-room').length, 1);
});

test('51. On each connection: rooms in the order of the first join, then the outbox in order, then asks', async () => {
  const hub = new TestHub();
  const { client, room } = await join(hub);
  await client.room('s').join();
  hub.answer = () => 'found';
  await hub.cut();
  hub.received.length = 0;
  const asking = room.ask('search', { text: 'x' });
  room.publish('1');
  client.room('s').publish('2');
  await hub.clock.advance(1_000);
  assert.deepEqual(hub.received.map(({ type, room: name }) => `${type} ${name}`),
    ['join-room r', 'join-room s', 'message r', 'search r', 'message s']);
  assert.equal(await asking, 'found');
});

test('history: the newest come with the first join and not with a recovery; more can be read', async () => {
  const hub = new TestHub();
  for (const text of ['1', '2', '3']) hub.room('r').publish(text);
  const { room, seen } = await join(hub, {}, { history: 2 });
  assert.deepEqual(seen, ['2', '3']);
  await hub.cut();
  await hub.clock.advance(1_000);
  assert.deepEqual(seen, ['2', '3']);
  assert.deepEqual((await room.history({ before: 3 })).map(({ message }) => message), ['1', '2']);
});

test('presence: who is there, who comes and goes', async () => {
  const hub = new TestHub();
  hub.authenticate = token => token;
  const { room } = await join(hub, { token: 'ann' }, { presence: true });
  let changes = 0;
  room.presence.on('change', presence => { changes = presence.users; });
  await settle();
  assert.deepEqual(room.presence.members.map(({ userId }) => userId), ['ann']);
  await join(hub, { token: 'bob' });
  await settle();
  assert.equal(changes, 2);
  assert.equal(room.presence.connections, 2);
  hub.room('r').send({ type: 'user-left', userId: 'bob', username: 'bob', members: 1 });
  await settle();
  assert.deepEqual(room.presence.members.map(({ userId }) => userId), ['ann']);
});

test('client.me and client.everyone: told apart without a room, and recovered', async () => {
  const hub = new TestHub();
  const { client } = connect(hub, { token: 'ann' });
  const seen = [];
  client.me.on('direct', ({ message }) => seen.push(`me ${message}`));
  client.me.on('notification', ({ title }) => seen.push(`me ${title}`));
  client.everyone.on('chat', ({ message }) => seen.push(`all ${message}`));
  client.everyone.on('notification', ({ title }) => seen.push(`all ${title}`));
  await client.me.join();
  await client.everyone.join();
  const me = hub.room('$user:ann'), all = hub.room('$all');
  me.publish('1', undefined, 'direct');
  all.publish({ title: '2' }, undefined, 'notification');
  await settle();
  await hub.cut();
  me.publish({ title: '3' }, undefined, 'notification');
  all.publish('4', undefined, 'chat');
  await hub.clock.advance(1_000);
  assert.deepEqual(seen, ['me 1', 'all 2', 'me 3', 'all 4']);
});

test('client.me hears what comes while it is being joined', async () => {
  const hub = new TestHub();
  const { client } = connect(hub, { token: 'ann' });
  client.connect();
  await settle();
  const seen = [];
  client.me.on('direct', ({ message }) => seen.push(message));
  // In the session's room already, and counted by the answer.
  hub.tell(hub.socket, hub.room('$user:ann').publish('1', undefined, 'direct'));
  await client.me.join();
  hub.room('$user:ann').publish('2', undefined, 'direct');
  await settle();
  assert.deepEqual(seen, ['1', '2']);
});
