// Live maps, presence and read markers against a real hub. The number of a scenario of docs/protocol/client.md leads each name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HubClient } from 'longwire';
import { liveMap, presence, readMarkers } from 'longwire/state';
import { Line } from './support/line.mjs';
import { startHub, until } from './support/processes.mjs';

let hub;
before(async () => { hub = await startHub(); });
after(() => hub.kill());

/** A client on a line of its own, which ends with the test. */
function connect(t, token, options) {
  const line = new Line(), client = new HubClient(hub.url, { ...line.options, timeout: 180_000, token, ...options });
  t.after(() => client.close());
  return { line, client };
}

const sorted = map => [...map.items].map(([key, { column }]) => `${key} ${column}`).sort();

test('60. A map follows the hub\'s over reconnects: put, put-if-new, removed, changed while away', async t => {
  const { client, line } = connect(t, 'ann'), { client: bob } = connect(t, 'bob');
  const others = liveMap(bob.room('board:map'), 'card/');
  await others.put('1', { column: 'todo' });
  await others.put('2', { column: 'todo' });
  const room = client.room('board:map'), map = liveMap(room, 'card/'), changes = [];
  assert.equal(map.isComplete, false);
  map.on('change', ({ key, isRemoved }) => changes.push(`${key} ${isRemoved}`));
  await room.join();
  assert.deepEqual([map.isComplete, sorted(map)], [true, ['1 todo', '2 todo']]);
  const version = await map.put('3', { column: 'new' }, { ifNew: true });
  await assert.rejects(map.put('3', { column: 'x' }, { ifNew: true }), { name: 'HubRefusedError', code: 'conflict' });
  await until(() => map.find('3')?.version === version);
  line.cut();
  await until(() => !room.isJoined);
  await others.update('1', card => ({ ...card, column: 'done' }));
  await others.remove('2');
  line.mend();
  await until(() => map.get('1').column === 'done' && !map.find('2'));
  assert.deepEqual(sorted(map), ['1 done', '3 new']);
  assert.deepEqual(changes.filter(change => change !== 'undefined false'), ['3 false', '1 false', '2 true']);
  await map.remove('1', { ifVersion: map.find('1').version });
  await until(() => !map.find('1'));
  assert.equal(await map.update('1', card => card), undefined);
  assert.deepEqual(sorted(liveMap(room)), ['card/3 new']);
});

test('60. A key with a time to live goes by itself; of another prefix nothing is told', async t => {
  const { client } = connect(t, 'ann'), map = liveMap(client.room('board:ttl'), 'a/'), told = [];
  liveMap(client.room('board:ttl'), 'b/').on('change', ({ key }) => key && told.push(key));
  await map.put('x', 1, { ttlMs: 20 });
  await until(() => map.isComplete && !map.find('x'));
  assert.deepEqual(told, []);
});

test('60. Lost before all that had changed was read: the map is read anew', async t => {
  const { client, line } = connect(t, 'ann'), { client: bob } = connect(t, 'bob');
  const others = liveMap(bob.room('board:away'), 'key/'), numbers = Array.from({ length: 1_100 }, (_, n) => n);
  await others.put('old', 0);
  const room = client.room('board:away'), map = liveMap(room, 'key/'), asked = [];
  await room.join();
  line.cut();
  await until(() => !room.isJoined);
  for (const part of [numbers.slice(0, 550), numbers.slice(550)]) await Promise.all(part.map(n => others.put(n, n)));
  await others.remove('old');
  line.onSend = data => {
    const after = /"map-read".*"after":(\d+)/.exec(data)?.[1];
    if (after !== undefined && asked.push(Number(after)) === 1) {
      line.cut();
      return true;
    }
  };
  line.mend();
  await until(() => asked.length === 1);
  line.mend();
  await until(() => asked.length > 1 && map.isComplete);
  assert.ok(asked[0] > 0 && asked[1] === 0, `${asked}`);
  assert.deepEqual([...map.items].map(([, n]) => n).sort((a, b) => a - b), numbers);
});

test('61. A large map and many users are read in pages; one asked for after the join as well', async t => {
  const { client } = connect(t, 'ann'), { client: bob } = connect(t, 'bob');
  const numbers = liveMap(bob.room('board:large'), 'key/'), expected = Array.from({ length: 1_500 }, (_, n) => n);
  for (const part of [expected.slice(0, 750), expected.slice(750)]) await Promise.all(part.map(n => numbers.put(n, n)));
  for (let n = 0; n < 6; n++) await connect(t, `other-${n}`).client.room('board:large').join();
  const room = client.room('board:large'), map = liveMap(room, 'key/'), users = presence(room);
  await room.join();
  await until(() => map.isComplete && users.members.length === 8);
  assert.deepEqual([...map.items.values()].sort((one, other) => one - other), expected);
  assert.deepEqual([users.users, users.connections], [8, 8]);
  const late = connect(t, 'late').client.room('board:large');
  await late.join();
  const lateMap = liveMap(late, 'key/'), lateUsers = presence(late);
  await until(() => lateMap.isComplete && lateUsers.members.length === 9 && users.members.length === 9);
  assert.equal(lateMap.items.size, 1_500);
});

test('62. Two clients that update one key lose nothing', async t => {
  const maps = [connect(t, 'ann'), connect(t, 'bob')].map(({ client }) => liveMap(client.room('board:both')));
  await maps[0].put('n', 0);
  await maps[1].put('other', 0);
  await until(() => maps[1].find('n'));
  await Promise.all(maps.map(async map => {
    for (let done = 0; done < 20; done++) assert.ok(await map.update('n', n => n + 1));
  }));
  await until(() => maps.every(map => map.get('n') === 40));
});

test('63. Users come, go and say something, over reconnects', async t => {
  const { client, line } = connect(t, 'ann'), { client: bob } = connect(t, 'bob'), { client: eve } = connect(t, 'eve');
  const room = client.room('board:users'), users = presence(room);
  const names = () => users.members.map(({ userId }) => userId).sort().join();
  await room.join();
  await bob.room('board:users').join();
  await until(() => names() === 'ann,bob');
  await presence(bob.room('board:users')).update({ away: true });
  await until(() => users.members.find(({ userId }) => userId === 'bob').metadata.away);
  line.cut();
  await until(() => !room.isJoined);
  bob.room('board:users').leave();
  await eve.room('board:users').join();
  line.mend();
  await until(() => names() === 'ann,eve' && users.users === 2);
});

test('64. Unread messages are counted on two devices, and after a reconnect', async t => {
  const { client: other } = connect(t, 'other'), first = connect(t, 'ann'), { client: second } = connect(t, 'ann');
  const rooms = [first.client, second].map(client => client.room('board:read')), marks = rooms.map(readMarkers);
  const publish = content => other.room('board:read').publish(content).acked;
  await Promise.all(rooms.map(room => room.join()));
  await publish(1);
  await publish(2);
  await until(() => marks.every(({ unread }) => unread === 2));
  await marks[0].markRead();
  await until(() => marks.every(({ unread, offset }) => unread === 0 && offset === 2));
  first.line.cut();
  await until(() => !rooms[0].isJoined);
  await publish(3);
  await liveMap(other.room('board:read')).put('n', 1);
  first.line.mend();
  await until(() => marks.every(({ unread }) => unread === 1));
  const late = connect(t, 'ann').client.room('board:read');
  await late.join();
  const lateMarks = readMarkers(late);
  await until(() => lateMarks.unread === 1);
  await rooms[1].publish(4).acked;
  await until(() => [...marks, lateMarks].every(({ unread }) => unread === 0));
});

test('65. One\'s own room has what came before, and how much of it is unread', async t => {
  const { client: bob } = connect(t, 'bob'), { client } = connect(t, 'ann-65'), seen = [];
  const marks = readMarkers(client.me);
  await bob.direct('ann-65', 'tea').acked;
  client.me.on('direct', ({ message }) => seen.push(message));
  await until(() => marks.unread === 1);
  await bob.direct('ann-65', 'cake').acked;
  await until(() => marks.unread === 2);
  await marks.markRead();
  assert.deepEqual([marks.offset, marks.unread], [2, 0]);
});
