// One connection for all tabs of a browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorld, seen } from './support/browser-world.mjs';
import { Chromium } from './support/chromium.mjs';
import { HttpProxy } from './support/http-proxy.mjs';
import { judge } from './support/judge.mjs';
import { openRoom } from './support/page.mjs';

let world, hub, browser, witness, page;
before(async () => {
  world = await openWorld(() => Chromium.open());
  ({ hub, browser, witness, page } = world);
});
after(() => world?.close());

test('Thirty tabs have one connection; another user has another; the leader\'s tab is killed and nothing is lost or doubled', async t => {
  const name = 'room:tabs', tabs = [];
  await witness.room(name).join();
  const { handshakes } = await hub.stats();
  for (let n = 0; n < 30; n++) {
    const tab = await browser.tab(page);
    tabs.push(tab);
    await tab.run(openRoom, hub.url, { token: 'ann', tabs: 'shared' }, name);
  }
  t.after(() => Promise.all(tabs.map(tab => tab.close().catch(() => {}))));
  assert.equal((await hub.stats()).handshakes - handshakes, 1);
  await tabs[29].run('room.publish(1).acked.then(() => 0)');
  for (const tab of tabs) await tab.until('seen.length === 1');

  const stranger = await browser.tab(page);
  t.after(() => stranger.close());
  await stranger.run(openRoom, hub.url, { token: 'bob', tabs: 'shared' }, name);
  assert.equal((await hub.stats()).handshakes - handshakes, 2);
  assert.equal(await stranger.run('client.userId'), 'bob');

  // The first has the connection. Tabs may share a process with it, and then go with it.
  const rest = tabs.slice(1);
  await rest[0].run(() => {
    window.n = 1;
    window.sending = (async () => {
      while (!window.isEnough) await Promise.all([room.publish(++window.n).acked, room.publish(++window.n).acked]);
    })();
  });
  await rest[0].until('n > 20');
  await tabs[0].close();
  await rest[0].until('n > 100');
  await rest[0].run('window.isEnough = true, sending.then(() => 0)');
  const last = await rest[0].run('n');
  for (const tab of rest) {
    await tab.until(last => seen.length >= last, last);
    assert.deepEqual(judge(await seen(tab), last), []);
  }
  assert.equal((await hub.stats()).handshakes - handshakes, 3);
});

test('Tabs that follow users and markers on one connection, beside one that does not', async t => {
  const name = 'board:tabs', tabs = [];
  for (let n = 0; n < 3; n++) {
    const tab = await browser.tab(page);
    tabs.push(tab);
    t.after(() => tab.close().catch(() => {}));
    await tab.run(openRoom, hub.url, { token: 'dora', tabs: 'shared' }, name);
    if (n < 2) await tab.run('window.users = longwire.presence(room), window.marks = longwire.readMarkers(room), 0');
  }
  await tabs[1].until('users.users === 1');
  // The third has joined without presence since.
  await witness.room(name).publish('hello').acked;
  for (const tab of tabs.slice(0, 2)) await tab.until('users.members.length === 2 && marks.unread === 1');
  await tabs[0].run('marks.markRead()');
  await tabs[1].until('marks.unread === 0');
});

test('68. Tabs behind a proxy that lets no WebSocket through have one stream of events, and another takes over', async t => {
  const proxy = await new HttpProxy(hub.port).listen(), name = 'room:proxied-tabs', tabs = [];
  t.after(() => proxy.close());
  await witness.room(name).join();
  for (let n = 0; n < 3; n++) {
    tabs.push(await browser.tab(`${proxy.http}/test/pages/client.html`));
    t.after(() => tabs[n].close().catch(() => {}));
    await tabs[n].run(openRoom, proxy.url, { token: 'fay', tabs: 'shared', reconnectInterval: 50 }, name);
  }
  await tabs[2].run('room.publish(1).acked.then(() => 0)');
  assert.equal(proxy.count('GET /hub/events'), 1);
  await tabs[0].close();
  await witness.room(name).publish(2).acked;
  await tabs[1].run('room.publish(3).acked.then(() => 0)');
  for (const tab of tabs.slice(1)) {
    await tab.until('seen.length === 3');
    assert.deepEqual(await seen(tab), [1, 2, 3]);
  }
});

test('The process of the leader\'s tab is killed: another takes over, and what was on its way arrives once', async t => {
  const name = 'room:killed', tabs = [];
  await witness.room(name).join();
  for (let n = 0; n < 3; n++) {
    tabs.push(await browser.tab(page));
    await tabs[n].run(openRoom, hub.url, { token: 'carl', tabs: 'shared' }, name);
  }
  t.after(() => Promise.all(tabs.slice(1).map(tab => tab.close().catch(() => {}))));
  await tabs[1].run(() => {
    window.receipts = [];
    for (let n = 1; n <= 100; n++) receipts.push(room.publish(n));
  });
  await tabs[0].crash();
  await tabs[1].until('log.includes("connecting") && client.state === "open"');
  await tabs[1].run('Promise.all(receipts.map(({ acked }) => acked)).then(() => 0)');
  for (const tab of tabs.slice(1)) {
    await tab.until('seen.length >= 100');
    assert.deepEqual(judge(await seen(tab), 100), []);
  }
});

/**
 * Kills the leader's tab, and measures how long it takes until another hands over the first message after that. Allowed is a second, or
 * four times what a fresh tab takes from its start to its first message, where the machine is slow. Planted: who takes over is late.
 */
async function takeOver(t, user, isPlanted = false) {
  const name = `room:${user}`;
  await witness.room(name).join();
  await witness.room(name).publish('before').acked;
  const open = async (options, delay) => {
    const tab = await browser.tab(page);
    t.after(() => tab.close().catch(() => {}));
    await tab.run(async (url, options, delay, name) => {
      const start = Date.now(), late = () => new Promise(resolve => setTimeout(() => resolve(options.user), delay));
      const client = new longwire.HubClient(url, { ...options, token: () => window.first && delay ? late() : options.user });
      const room = client.room(name, { history: 1 });
      room.on('message', ({ message }) => {
        window.first ??= Date.now() - start;
        if (message === 'after') window.at ??= Date.now();
      });
      await room.join();
    }, hub.url, options, delay, name);
    await tab.until('!!window.first');
    return tab;
  };
  const alone = await open({ user: `${user}-alone` }, 0);
  const fresh = await alone.run('first'), most = Math.max(1_000, 4 * fresh);
  await alone.close();
  const leader = await open({ user, tabs: 'shared' }, 0), next = await open({ user, tabs: 'shared' }, isPlanted ? 2 * most : 0);
  const killed = Date.now();
  await leader.crash();
  await witness.room(name).publish('after').acked;
  await next.until('!!window.at');
  const took = await next.run('at') - killed;
  t.diagnostic(`a fresh tab has its first message after ${fresh} ms, the next leader after ${took} ms`);
  await next.close();
  return { took, most };
}

test('Another tab has the connection within a second of the leader\'s end; one that takes its time is found', async t => {
  const times = [];
  for (const user of ['gus', 'hal', 'ida']) times.push(await takeOver(t, user));
  // One of three may be slowed down by what else the machine does.
  assert.ok(times.filter(({ took, most }) => took < most).length >= 2, JSON.stringify(times));
  const { took, most } = await takeOver(t, 'jan', true);
  assert.ok(took > most, `${took} ms, where ${most} are allowed`);
});
