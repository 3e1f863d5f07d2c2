// The scenarios of docs/protocol/client.md about a hub's rooms. The number leads each name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveMap, presence } from 'longwire/state';
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

test('63. Who is there, who comes and goes and what they say of themselves; only differences after a return', async () => {
  const hub = new TestHub();
  hub.authenticate = token => token;
  const { client } = connect(hub, { token: 'ann' }), room = client.room('r'), users = presence(room), seen = [];
  users.on('change', ({ members, users: count, connections }) => {
    const text = `${members.map(({ userId }) => userId).sort()} ${count} ${connections}`;
    if (seen.at(-1) !== text) seen.push(text);
  });
  await room.join();
  const { client: bob, room: bobs } = await join(hub, { token: 'bob' });
  await settle();
  await presence(bobs).update({ away: true });
  assert.deepEqual(users.members.map(({ metadata }) => metadata), [{}, { away: true }]);
  bobs.leave();
  await settle();
  assert.deepEqual(seen, ['ann 1 1', 'ann,bob 2 2', 'ann 1 1']);
  assert.deepEqual(users.members.map(({ userId }) => userId), ['ann']);
  await hub.cut();
  await hub.clock.advance(1_000);
  const joins = hub.received.filter(({ type, presence: asked }) => type === 'join-room' && asked === 'changes');
  assert.deepEqual([joins[0].version, joins.at(-1).version > 0], [undefined, true]);
  bob.close();
});

test('63. presence-reset: the users are read from the beginning', async () => {
  const hub = new TestHub(), { client } = connect(hub, { token: 'ann' }), room = client.room('r'), users = presence(room);
  await room.join();
  hub.room('r').members.set({}, { userId: 'unheard', username: 'unheard' });
  hub.room('r').send({ type: 'presence-reset' }, undefined, [hub.socket]);
  await hub.clock.advance(5_000);
  assert.deepEqual(users.members.map(({ userId }) => userId).sort(), ['ann', 'unheard']);
});

test('66. A change of a map whose answer is lost is asked again with the same id: it is made once', async () => {
  const hub = new TestHub(), { client } = connect(hub, { token: 'ann' }), map = liveMap(client.room('r'));
  await client.room('r').join();
  hub.losesAcks = true;
  const put = map.put('key', 1, { ifNew: true });
  await settle();
  hub.losesAcks = false;
  await hub.cut();
  await hub.clock.advance(1_000);
  assert.equal(await put, 1);
  const ids = hub.received.filter(({ type }) => type === 'map-put').map(({ id }) => id);
  assert.deepEqual([ids.length, new Set(ids).size, map.get('key')], [2, 1, 1]);
});

test('66. A change that is asked for is refused when the client closes, and when no answer comes in time', async () => {
  const hub = new TestHub(), { client } = connect(hub, { token: 'ann' }), map = liveMap(client.room('r'));
  await client.room('r').join();
  hub.losesAcks = true;
  const late = assert.rejects(map.put('late', 1), { name: 'HubTimeoutError' });
  await hub.clock.advance(10_000);
  await late;
  const closed = assert.rejects(map.put('closed', 1), { name: 'ConnectionLostError' });
  await settle();
  client.close();
  await hub.clock.advance(1_000);
  await closed;
});

test('67. room-reset: the map is dropped and read from the beginning', async () => {
  const hub = new TestHub(), { client } = connect(hub, { token: 'ann', random: () => 0 }), map = liveMap(client.room('r'));
  hub.room('r').state.change({ type: 'map-put', key: 'kept', value: 1 });
  hub.room('r').state.change({ type: 'map-put', key: 'lost', value: 1 });
  await client.room('r').join();
  assert.deepEqual([...map.items.keys()], ['kept', 'lost']);
  // The hub lost the newest: another epoch, at an earlier place.
  hub.room('r').state.map.delete('lost');
  hub.room('r').reset();
  await hub.clock.advance(0);
  await hub.clock.advance(0);
  assert.deepEqual([...map.items.keys()], ['kept']);
});

test('67. room-reset while a page of the map is on its way: that page is thrown away, and another is read', async () => {
  const hub = new TestHub(), { client } = connect(hub, { token: 'ann', random: () => 0 }), room = client.room('r'), { state } = hub.room('r');
  for (const key of ['kept', 'lost']) state.change({ type: 'map-put', key, value: 1 });
  await room.join();
  const say = hub.say.bind(hub), held = [];
  hub.say = (socket, data) => data.includes('"type":"map"') ? held.push(() => say(socket, data)) : say(socket, data);
  const map = liveMap(room);
  await settle();
  assert.deepEqual([held.length, map.isComplete], [1, false]);
  state.map.delete('lost');
  hub.room('r').reset();
  await hub.clock.advance(0);
  hub.say = say;
  held[0]();
  await settle();
  assert.deepEqual([[...map.items.keys()], map.isComplete], [['kept'], true]);
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
