// The client in Firefox: in and out of the back-forward cache, asleep, reloaded with a kept outbox, three tabs with one connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, seen } from './support/browser-world.mjs';
import { Firefox } from './support/firefox.mjs';
import { judge } from './support/judge.mjs';
import { openRoom, sleepFor } from './support/page.mjs';
import { until } from './support/processes.mjs';

let world, hub, witness;
before(async () => {
  world = await openWorld(() => Firefox.open());
  ({ hub, witness } = world);
});
after(() => world?.close());

const openTab = (...args) => world.openTab(...args);

test('A page connects, joins and has its first message', async t => {
  const tab = await openTab(t, 'room:first');
  await witness.room('room:first').publish('hello').acked;
  await tab.until('seen.length === 1');
  assert.deepEqual(await seen(tab), ['hello']);
});

test('32. Offline and online again: an attempt at once, with what was missed and what waited', async t => {
  const tab = await openTab(t, 'room:offline', { reconnectInterval: 60_000, maxReconnectInterval: 60_000 });
  await tab.network(true);
  await tab.run('client.reconnect()');
  await tab.until('client.state === "reconnecting" && navigator.onLine === false');
  await tab.run('void (window.receipt = room.publish("waited"))');
  await witness.room('room:offline').publish('missed').acked;
  await tab.network(false);
  await tab.until('receipt.state === "acked" && seen.length === 2');
  assert.deepEqual(await seen(tab), ['missed', 'waited']);
  assert.ok((await tab.run('log')).includes('online'));
});

test('29. An hour of sleep: replaced by itself, with what was missed', async t => {
  const tab = await openTab(t, 'room:asleep');
  await tab.run(sleepFor, 3_600_000);
  await tab.until('log.includes("reconnecting") && client.state === "open"');
  await witness.room('room:asleep').publish('after').acked;
  await tab.until('seen.length === 1');
});

test('Away to another page and back: Firefox keeps no page with a WebSocket, the page begins anew, and what was missed is in its history', async t => {
  const tab = await openTab(t, 'room:cache');
  await tab.navigate(`${hub.http}/test/pages/classic.html`);
  await witness.room('room:cache').publish('missed').acked;
  await tab.back();
  await tab.until('document.title === "longwire" && !!window.longwire');
  assert.equal(await tab.run('!window.client'), true);
  await tab.run(openRoom, hub.url, { token: 'ann' }, 'room:cache', { history: 10 });
  await tab.until('window.seen.length === 1');
  assert.deepEqual(await seen(tab), ['missed']);
});

test('55. A kept outbox: the page is reloaded with messages queued and sent: each is published once, in order', async t => {
  const name = 'room:kept', tab = await openTab(t, name, { outbox: 'indexeddb' });
  const published = [];
  witness.room(name).on('message', ({ message }) => published.push(message));
  await tab.run(async () => {
    const receipts = [];
    for (let n = 1; n <= 40; n++) receipts.push(room.publish(n));
    await Promise.all(receipts.map(({ kept }) => kept));
  });
  await tab.reload();
  await tab.until('!!window.longwire');
  await tab.run(openRoom, hub.url, { token: 'ann', outbox: 'indexeddb' }, name);
  await until(() => published.length >= 40, 'all published');
  assert.deepEqual(judge(published, 40), []);
});

test('Three tabs have one connection, and another takes over when the leader\'s is closed', async t => {
  const name = 'room:tabs', { handshakes } = await hub.stats(), tabs = [];
  for (let n = 0; n < 3; n++) tabs.push(await openTab(t, name, { tabs: 'shared' }));
  assert.equal((await hub.stats()).handshakes - handshakes, 1);
  await tabs[2].run('room.publish(1).acked.then(() => 0)');
  await tabs[0].close();
  await tabs[1].run('room.publish(2).acked.then(() => 0)');
  for (const tab of tabs.slice(1)) {
    await tab.until('seen.length === 2');
    assert.deepEqual(await seen(tab), [1, 2]);
  }
  assert.equal((await hub.stats()).handshakes - handshakes, 2);
});
