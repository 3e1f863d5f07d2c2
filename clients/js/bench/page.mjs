// Speed in Chromium, on loopback: from `new HubClient` to the first message, and receiving at 10,000 messages a second without long tasks.
// Type: npm run build && node bench/page.mjs      (the hub of the tests must be built: dotnet build tests/Longwire.JavaScript.Hub -c Release)
import { loadavg } from 'node:os';
import { Chromium } from '../test/support/chromium.mjs';
import { startHub } from '../test/support/processes.mjs';

const hub = await startHub();
const browser = await Chromium.open();
try {
  const tab = await browser.tab(`${hub.http}/test/pages/client.html`);
  const starts = [];
  for (let n = 0; n < 21; n++) {
    starts.push(await tab.run(async (url, n) => {
      const began = performance.now();
      const client = new longwire.HubClient(url, { token: 'ann' }), room = client.room(`room:start-${n}`);
      room.publish('first');
      await new Promise(resolve => room.on('message', resolve));
      const took = performance.now() - began;
      client.close();
      return took;
    }, hub.url, n));
  }
  starts.sort((a, b) => a - b);
  console.log(`Start to first message: median ${starts[10].toFixed(1)} ms, worst of 21 ${starts[20].toFixed(1)} ms`);

  // A message costs the browser an event, which only a full collection of garbage takes back: what a bare WebSocket has at the same rate is its floor.
  for (const way of ['HubClient', 'WebSocket', 'HubClient', 'WebSocket', 'HubClient', 'WebSocket']) await receive(way);
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
  await hub.kill();
}

async function receive(way) {
  const tab = await browser.tab(`${hub.http}/test/pages/client.html`);
  await tab.run(async (url, way) => {
    window.times = [];
    window.longTasks = [];
    window.count = 0;
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    const heard = () => { if (++window.count === 1 || window.count % 10_000 === 0) window.times.push(performance.now()); };
    if (way === 'HubClient') {
      const room = new longwire.HubClient(url, { token: 'ann' }).room('room:flood');
      room.on('said', heard);
      room.on('reset', () => { window.wasReset = true; });
      await room.join();
    } else {
      const socket = new WebSocket(`${url}?token=ann`);
      await new Promise(resolve => {
        socket.onmessage = ({ data }) => {
          if (data.includes('"connected"')) socket.send('{"type":"join-room","room":"room:flood"}');
          else if (data.includes('"joined-room"')) resolve();
          else if (data.includes('"said"')) heard();
        };
      });
    }
    window.longTasks.length = 0;
  }, hub.url, way);
  const count = 100_000;
  // A batch takes the hub some 13 ms, so that is a little more than 10,000 a second.
  await hub.publish('room:flood', { count, perBatch: 137, everyMs: 10 });
  await tab.until(count => window.count === count, count);
  const { times, longTasks, wasReset } = await tab.run('({ times, longTasks, wasReset: window.wasReset })');
  const seconds = (times.at(-1) - times[0]) / 1000;
  console.log(`${way}: ${count} messages in ${seconds.toFixed(2)} s, ${Math.round(count / seconds)} a second; tasks over 50 ms: ${longTasks.length}`
    + `${longTasks.length ? ` (the longest ${Math.max(...longTasks).toFixed(0)} ms)` : ''}${wasReset ? '; with a reset' : ''}`);
  await tab.close();
}
