// The connection that tabs share, in each state of the page that has it: frozen, in the back-forward cache, standing still, without timers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, seen } from './support/browser-world.mjs';
import { Chromium } from './support/chromium.mjs';
import { FaultProxy } from './support/fault-proxy.mjs';
import { openRoom, sleepFor } from './support/page.mjs';

let world, hub, browser, witness, page;
before(async () => {
  world = await openWorld(() => Chromium.open());
  ({ hub, browser, witness, page } = world);
});
after(() => world?.close());

/** Tabs in a room by one connection, which the first has. All are shown, each in a window of its own. */
async function openTabs(t, count, user, name, address = page, url = hub.url) {
  const tabs = [];
  await witness.room(name).join();
  for (let n = 0; n < count; n++) {
    const tab = await browser.tab(address, { newWindow: true });
    tabs.push(tab);
    t.after(() => tab.close().catch(() => {}));
    await tab.run(openRoom, url, { token: user, tabs: 'shared' }, name);
  }
  return tabs;
}

/** All have received what the witness and each of them publish, once. */
async function talk(tabs, name, before) {
  await witness.room(name).publish('witness').acked;
  for (const [n, tab] of tabs.entries()) await tab.run(n => room.publish(n).acked.then(() => 0), n);
  for (const tab of tabs) {
    await tab.until(count => seen.length >= count, before.length + 1 + tabs.length);
    assert.deepEqual(await seen(tab), [...before, 'witness', ...tabs.keys()]);
  }
}

test('The leader\'s page is frozen: another takes over; resumed, it follows, with what it missed', async t => {
  const name = 'room:frozen-leader', tabs = await openTabs(t, 3, 'ann', name), [leader, ...rest] = tabs;
  const { handshakes } = await hub.stats();
  await leader.send('Page.setWebLifecycleState', { state: 'frozen' });
  await witness.room(name).publish('meanwhile').acked;
  for (const tab of rest) await tab.until('seen.length === 1');
  await rest[1].run('room.publish("too").acked.then(() => 0)');
  await leader.send('Page.setWebLifecycleState', { state: 'active' });
  await leader.until('seen.length === 2 && client.state === "open"');
  await talk(tabs, name, ['meanwhile', 'too']);
  assert.equal((await hub.stats()).handshakes - handshakes, 1);
});

test('A page that follows is frozen and resumed: it has what it missed', async t => {
  const name = 'room:frozen-follower', tabs = await openTabs(t, 2, 'bea', name);
  await tabs[1].send('Page.setWebLifecycleState', { state: 'frozen' });
  await witness.room(name).publish('meanwhile').acked;
  await tabs[0].until('seen.length === 1');
  await tabs[1].send('Page.setWebLifecycleState', { state: 'active' });
  await tabs[1].until('seen.length === 1');
  await talk(tabs, name, ['meanwhile']);
});

for (const [who, leads] of [['leads', true], ['follows', false]]) {
  test(`A page that ${who} goes into the back-forward cache and out of it: it has what it missed, and the other was served`, async t => {
    const name = `room:cached-${who}`, tabs = await openTabs(t, 2, `carl-${who}`, name), [away, stays] = leads ? tabs : tabs.toReversed();
    await away.send('Page.navigate', { url: `${hub.http}/test/pages/classic.html` });
    await away.until('document.title.includes("classic")');
    await witness.room(name).publish('meanwhile').acked;
    await stays.until('seen.length === 1');
    const { entries, currentIndex } = await away.send('Page.getNavigationHistory');
    await away.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
    await away.until('window.seen?.length === 1');
    assert.ok((await away.run('log')).includes('pageshow true'));
    await talk(tabs, name, ['meanwhile']);
  });
}

test('The leader\'s page stands still without a word: one that is shown takes its place; when it goes on, it follows', async t => {
  const name = 'room:still', tabs = await openTabs(t, 3, 'dora', name), [leader, ...rest] = tabs;
  await leader.send('Debugger.enable');
  await leader.send('Debugger.pause');
  await witness.room(name).publish('meanwhile').acked;
  for (const tab of rest) await tab.until('seen.length === 1');
  await rest[0].run('room.publish("too").acked.then(() => 0)');
  await leader.send('Debugger.resume');
  await leader.send('Debugger.disable');
  await leader.until('seen.length === 2 && client.state === "open"');
  await talk(tabs, name, ['meanwhile', 'too']);
  for (const tab of tabs) assert.ok(!(await tab.run('log')).includes('closed'));
});

test('Without timers, as in a hidden page, the leader\'s connection falls silent: a page that is shown has it looked at', async t => {
  const proxy = await Object.assign(new FaultProxy(hub.port, Math.random), { isBad: false }).listen(), through = address => address.replace(`:${hub.port}/`, `:${proxy.port}/`);
  t.after(() => proxy.close());
  const name = 'room:late', tabs = await openTabs(t, 2, 'eve', name, through(page), through(hub.url)), [leader, shown] = tabs;
  await leader.run(() => {
    window.setTimeout = () => 0;
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      if (data === '{"type":"ping"}') window.hasPinged = true;
      send.call(this, data);
    };
  });
  proxy.silence();
  await witness.room(name).publish('meanwhile').acked;
  // The time after which silence is asked about, and then that within which an answer has to come.
  await leader.run(sleepFor, 26_000);
  await leader.until('!!window.hasPinged');
  await leader.run(sleepFor, 11_000);
  for (const tab of tabs) await tab.until('seen.length === 1');
  await shown.run('room.publish("too").acked.then(() => 0)');
  await leader.until('seen.length === 2');
});
