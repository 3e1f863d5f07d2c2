// The client in Chromium, in every state of a page: hidden with throttled timers, frozen, in the back-forward cache, offline, asleep,
// reloaded, killed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { openWorld, seen } from './support/browser-world.mjs';
import { Chromium } from './support/chromium.mjs';
import { HttpProxy } from './support/http-proxy.mjs';
import { judge } from './support/judge.mjs';
import { openRoom, sleepFor } from './support/page.mjs';
import { root, until } from './support/processes.mjs';

let world, hub, browser, witness, page;
before(async () => {
  // Hidden pages get their timers once a minute after a second, not after five minutes.
  world = await openWorld(() => Chromium.open(['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1']));
  ({ hub, browser, witness, page } = world);
});
after(() => world?.close());

const openTab = (...args) => world.openTab(...args);

test('A page connects, joins and has its first message; a classic script has the same', async t => {
  const tab = await openTab(t, 'room:first');
  await witness.room('room:first').publish('hello').acked;
  await tab.until('seen.length === 1');
  const classic = await browser.tab(`${hub.http}/test/pages/classic.html`);
  t.after(() => classic.close());
  assert.equal(await classic.run(async url => {
    const client = new longwire.HubClient(url, { token: 'ann' });
    await client.room('room:first').join();
    client.close();
    return typeof longwire.ReconnectingWebSocket;
  }, hub.url), 'function');
});

test('ReconnectingWebSocket is a drop-in WebSocket: text, bytes and blobs, queued and not; a handler that throws changes nothing', async t => {
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  assert.deepEqual(await tab.run(async url => {
    const socket = new longwire.ReconnectingWebSocket(url, ['longwire.v1.json']);
    socket.send('{"type":"ping","id":"1"}');
    socket.send(new Blob(['{"type":"ping"}']));
    const seen = [];
    addEventListener('error', event => { seen.push(event.message); event.preventDefault(); });
    socket.onmessage = () => { throw new Error('of the handler'); };
    await new Promise(resolve => socket.addEventListener('message', ({ data, origin }) => {
      const { type, id } = JSON.parse(data);
      seen.push(`${type} ${id} ${origin.startsWith('ws://')}`);
      if (type === 'error') resolve();
    }));
    const before = [socket.readyState, socket.protocol, socket.binaryType];
    socket.close(1000, 'done');
    const { code, wasClean } = await new Promise(resolve => { socket.onclose = resolve; });
    return { before, after: [socket.readyState, code, wasClean], seen: seen.filter(text => !text.includes('handler')) };
  }, hub.url), {
    before: [1, 'longwire.v1.json', 'blob'], after: [3, 1000, true],
    seen: ['connected undefined true', 'pong 1 true', 'error undefined true'],
  });
});

test('Bytes come as they are: not as blobs, for which the page would have to ask another process, one after the other', async t => {
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  await tab.run(async url => {
    window.blobs = 0;
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = function () {
      window.blobs++;
      return read.call(this);
    };
    window.came = [];
    const room = new longwire.HubClient(url, { token: 'ann' }).room('room:many-bytes');
    room.on('message', ({ message, binary }) => window.came.push(message ?? `bytes ${binary}`));
    await room.join();
  }, hub.url);
  const room = witness.room('room:many-bytes');
  const isText = n => n % 10 === 0, all = Array.from({ length: 100 }, (_, n) => n);
  await Promise.all(all.map(n => room.publish(isText(n) ? `text ${n}` : Uint8Array.of(n)).acked));
  await tab.until('came.length === 100');
  assert.deepEqual(await tab.run('came'), all.map(n => `${isText(n) ? 'text' : 'bytes'} ${n}`));
  assert.equal(await tab.run('blobs'), 0);
});

test('Bytes whose code is not there, as after a new version was deployed: the client says so, comes back, and nothing is lost', async t => {
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  await tab.send('Network.enable');
  await tab.send('Network.setBlockedURLs', { urls: ['*chunk-binary*'] });
  await tab.run(async url => {
    window.came = [];
    window.reasons = [];
    const client = new longwire.HubClient(url, { token: 'ann', reconnectInterval: 100, maxReconnectInterval: 200 }), room = client.room('room:no-code');
    client.on('state', ({ state, reason }) => { if (state === 'reconnecting') window.reasons.push(reason); });
    room.on('message', ({ message, binary }) => window.came.push(message ?? `bytes ${binary}`));
    room.on('reset', ({ cause }) => window.came.push(cause));
    await room.join();
  }, hub.url);
  const room = witness.room('room:no-code');
  await Promise.all(['first', Uint8Array.of(2), 'third'].map(content => room.publish(content).acked));
  await tab.until('reasons.length >= 2');
  await tab.send('Network.setBlockedURLs', { urls: [] });
  await tab.until('came.length === 3');
  assert.deepEqual(await tab.run('[came, [...new Set(reasons)]]'), [['first', 'bytes 2', 'third'], ['Code not loaded']]);
});

test('The code of what tabs share is not there: the client is closed and says why, and connects when it is asked to again', async t => {
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  await tab.send('Network.enable');
  await tab.send('Network.setBlockedURLs', { urls: ['*chunk-preparation*'] });
  await tab.run(async url => {
    window.client = new longwire.HubClient(url, { token: 'ann', tabs: 'shared' });
    window.states = [];
    client.on('state', ({ state, reason }) => states.push(`${state} ${reason.replace(/http.*/, '')}`.trim()));
    window.room = client.room('room:unshared');
    room.join().then(() => states.push('joined'));
  }, hub.url);
  await tab.until('states.length === 1');
  assert.deepEqual(await tab.run('[...states, client.state]'), ['closed TypeError: Failed to fetch dynamically imported module:', 'closed']);
  await tab.send('Network.setBlockedURLs', { urls: [] });
  await tab.run('client.connect()');
  await tab.until('states.includes("joined")');
});

test('33. Hidden, with timers once a minute: no disconnect, and no message waits for a timer', async t => {
  const tab = await openTab(t, 'room:hidden');
  const other = await browser.tab(page);
  t.after(() => other.close());
  await tab.until('document.visibilityState === "hidden"');
  // Until the page's timers come late, for which the browser takes its time.
  await tab.run(() => { window.ticks = 0; setInterval(() => window.ticks++, 100); });
  await until(async () => {
    const before = await tab.run('ticks');
    await new Promise(resolve => setTimeout(resolve, 3_000));
    return await tab.run('ticks') === before;
  }, 'timers are throttled');
  const before = await tab.run('ticks');
  for (let n = 1; n <= 5; n++) {
    await witness.room('room:hidden').publish(n).acked;
    await tab.until(n => seen.length === 2 * n - 1, n);
    await tab.run(n => room.publish(-n).acked.then(() => {}), n);
  }
  // Ten messages that wait for a timer each would have seen ten of them.
  assert.ok(await tab.run('ticks') - before < 5, 'messages waited for timers');
  assert.deepEqual(await seen(tab), [1, -1, 2, -2, 3, -3, 4, -4, 5, -5]);
  assert.deepEqual((await tab.run('log')).filter(text => text === 'reconnecting'), []);
});

test('Frozen and resumed: what was missed comes, once', async t => {
  const tab = await openTab(t, 'room:frozen');
  await witness.room('room:frozen').publish('1').acked;
  await tab.until('seen.length === 1');
  await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
  await witness.room('room:frozen').publish('2').acked;
  await tab.send('Page.setWebLifecycleState', { state: 'active' });
  await witness.room('room:frozen').publish('3').acked;
  await tab.until('seen.length >= 3');
  assert.deepEqual(await seen(tab), ['1', '2', '3']);
});

test('Into the back-forward cache and out: the page is kept, comes back by itself and has what it missed', async t => {
  const tab = await openTab(t, 'room:cache');
  await tab.send('Page.navigate', { url: `${hub.http}/test/pages/classic.html` });
  await tab.until('document.title.includes("classic")');
  await witness.room('room:cache').publish('missed').acked;
  const { entries, currentIndex } = await tab.send('Page.getNavigationHistory');
  await tab.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
  await tab.until('window.seen?.length === 1');
  const log = await tab.run('log');
  assert.ok(log.includes('pagehide true') && log.includes('pageshow true'), log.join(', '));
  assert.deepEqual(await seen(tab), ['missed']);
  assert.equal(await tab.run('client.state'), 'open');
});

test('32. Offline and online again: a probe while open; while waiting an attempt at once, with what was missed and what waited', async t => {
  const tab = await openTab(t, 'room:offline', { reconnectInterval: 60_000, maxReconnectInterval: 60_000 });
  const network = offline => tab.send('Network.emulateNetworkConditions',
    { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await tab.send('Network.enable');
  await tab.run(() => {
    window.pings = 0;
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      if (data === '{"type":"ping"}') window.pings++;
      send.call(this, data);
    };
  });
  await network(true);
  await tab.until('pings > 0');
  assert.equal(await tab.run('client.state'), 'open');
  // The browser keeps the sockets that are open: by hand there is another attempt, which fails.
  await tab.run('client.reconnect()');
  await tab.until('client.state === "reconnecting"');
  await tab.run('window.receipt = room.publish("waited"); 0');
  await witness.room('room:offline').publish('missed').acked;
  await network(false);
  await tab.until('receipt.state === "acked"');
  await tab.until('seen.length === 2');
  assert.deepEqual(await seen(tab), ['missed', 'waited']);
});

test('29. An hour of sleep: replaced by itself, with what was missed', async t => {
  const tab = await openTab(t, 'room:asleep');
  const { clientId } = await tab.run('({ clientId: client.clientId })');
  await tab.run(sleepFor, 3_600_000);
  await tab.until('log.includes("reconnecting") && client.state === "open"');
  await witness.room('room:asleep').publish('after').acked;
  await tab.until('seen.length === 1');
  assert.equal(await tab.run('client.clientId'), clientId);
});

test('13. React in StrictMode mounts twice: one handshake, one join, and the messages are shown', async t => {
  const { outputFiles: [{ text }] } = await build({
    stdin: {
      contents: `
        import { createElement as h, StrictMode } from 'react';
        import { createRoot } from 'react-dom/client';
        import { HubClient } from 'longwire';
        import { HubProvider, useConnectionState, usePresence, useRoom } from 'longwire/react';
        function Chat() {
          const { messages, publish } = useRoom('room:react', { history: 50 }), { users } = usePresence('room:react');
          window.publish = publish;
          return h('p', {}, useConnectionState() + ' ' + messages.map(({ message }) => message.text).join(',') + ' ' + users);
        }
        window.start = url => {
          const client = window.client = new HubClient(url, { token: 'ann' });
          window.root = createRoot(document.body);
          root.render(h(StrictMode, {}, h(HubProvider, { client }, h(Chat))));
        };`,
      resolveDir: root,
    },
    bundle: true, format: 'iife', write: false, define: { 'process.env.NODE_ENV': '"development"' }, logLevel: 'error',
  });
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  await witness.room('room:react').join();
  await witness.room('room:react').publish({ text: 'before' }).acked;
  const { handshakes } = await hub.stats();
  await tab.run(text);
  await tab.run(url => window.start(url), hub.url);
  await tab.until('document.body.textContent === "open before 2"');
  await tab.run('publish({ text: "own" }).acked.then(() => 0)');
  await tab.until('document.body.textContent === "open before,own 2"');
  assert.equal((await hub.stats()).handshakes - handshakes, 1);
  await tab.run('root.unmount()');
  await tab.until('!client.room("room:react").isJoined');
});

test('68. Behind a proxy that lets no WebSocket through: by events, and after a cut in the same session with what was missed', async t => {
  const proxy = await new HttpProxy(hub.port).listen(), name = 'room:proxied';
  t.after(() => proxy.close());
  const tab = await browser.tab(`${proxy.http}/test/pages/client.html`);
  t.after(() => tab.close());
  await witness.room(name).join();
  await tab.run(openRoom, proxy.url, { token: 'ann', reconnectInterval: 50 }, name);
  await tab.run('room.publish(1).acked.then(() => 0)');
  const clientId = await tab.run('client.clientId');
  proxy.isDown = true;
  proxy.cut();
  await tab.until('client.state !== "open"');
  await tab.run('window.receipt = room.publish(3); 0');
  await witness.room(name).publish(2).acked;
  proxy.isDown = false;
  await tab.until('receipt.state === "acked" && seen.length === 3');
  assert.deepEqual([await seen(tab), await tab.run('client.clientId')], [[1, 2, 3], clientId]);
  assert.ok(proxy.count('GET /hub/events') > 1 && proxy.count('POST /hub/send') > 1);
});

// A module as tools for development evaluate it again: what it keeps in `data` is its successor's, and what it leaves to be disposed of is
// called before that is evaluated.
const evaluate = (tab, code, version) => tab.run(async (origin, code, version) => {
  const { data = {}, disposers = [] } = window.hot ?? {};
  for (const disposer of disposers) disposer(data);
  window.hot = { data, disposers: [], dispose(disposer) { this.disposers.push(disposer); } };
  await import(`data:text/javascript,${encodeURIComponent(`import { HubClient } from '${origin}/dist/index.js?${version}';\n${code}`)}`);
}, hub.http, code, version);

test('13. A module that is evaluated again and keeps its client, as the guide shows: one handshake reaches the server', async t => {
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  const { handshakes } = await hub.stats();
  for (const version of [1, 2, 3]) {
    await evaluate(tab, `
      const client = window.client = hot.data.client ??= new HubClient('${hub.url}', { token: 'ann' });
      const room = client.room('room:kept-module');
      window.seen ??= [];
      hot.dispose(room.on('message', ({ message }) => seen.push('${version} ' + message)));
      window.joining = room.join();`, version);
    if (version !== 2) await tab.run('joining.then(() => 0)');
  }
  await witness.room('room:kept-module').publish('hello').acked;
  await tab.until('seen.length > 0');
  await tab.run('client.room("room:kept-module").publish("own").acked.then(() => 0)');
  await tab.until('seen.length > 1');
  assert.deepEqual(await seen(tab), ['3 hello', '3 own']);
  assert.equal((await hub.stats()).handshakes - handshakes, 1);
});

test('13. A module that is evaluated again and closes the client of the one before: one connection is left', async t => {
  const tab = await browser.tab(page);
  t.after(() => tab.close());
  const { handshakes } = await hub.stats();
  // The second is disposed of before it has made a handshake.
  for (const version of [1, 2, 3]) {
    await evaluate(tab, `
      const client = window.client = new HubClient('${hub.url}', { token: 'module' });
      window.seen ??= [];
      client.room('room:module', { history: 10 }).on('message', ({ message }) => seen.push('${version} ' + message));
      window.joining = client.room('room:module').join();
      hot.dispose(() => client.close());`, version);
    if (version !== 2) await tab.run('joining.then(() => 0)');
  }
  await witness.room('room:module').publish('hello').acked;
  await tab.until('seen.length === 1');
  assert.deepEqual(await seen(tab), ['3 hello']);
  await until(async () => (await hub.stats()).sessions.module === 1, 'one session is left');
  // One that was closed may have been a handshake already.
  const made = (await hub.stats()).handshakes - handshakes;
  assert.ok(made === 2 || made === 3, `${made} handshakes`);
});

test('55. A kept outbox: the page is reloaded, and then killed, with messages queued and sent: each is published once, in order', async t => {
  const name = 'room:kept', tab = await openTab(t, name, { outbox: 'indexeddb' });
  const published = [];
  witness.room(name).on('message', ({ message }) => published.push(message));
  const publish = async (from, to) => tab.run(async (from, to) => {
    const receipts = [];
    for (let n = from; n <= to; n++) receipts.push(room.publish(n));
    await Promise.all(receipts.map(({ kept }) => kept));
  }, from, to);
  await publish(1, 40);
  await tab.send('Page.reload');
  await tab.loaded();
  await tab.run(openRoom, hub.url, { token: 'ann', outbox: 'indexeddb' }, name);
  await publish(41, 80);
  await tab.crash();
  const next = await browser.tab(page);
  t.after(() => next.close());
  await next.run(openRoom, hub.url, { token: 'ann', outbox: 'indexeddb' }, name);
  await until(() => published.length >= 80, 'all published');
  assert.deepEqual(judge(published, 80), []);
});

test('55. A tab is killed with messages in its kept outbox: another that is open publishes them, once and in order', async t => {
  const name = 'room:left', killed = await openTab(t, name, { outbox: 'indexeddb' });
  await openTab(t, 'room:other', { outbox: 'indexeddb' });
  const published = [];
  witness.room(name).on('message', ({ message }) => published.push(message));
  await killed.run(async () => {
    // Nothing leaves this tab any more.
    WebSocket.prototype.send = () => {};
    const receipts = [];
    for (let n = 1; n <= 40; n++) receipts.push(room.publish(n));
    await Promise.all(receipts.map(({ kept }) => kept));
  });
  await killed.crash();
  await until(() => published.length >= 40, 'all published');
  assert.deepEqual(judge(published, 40), []);
});
