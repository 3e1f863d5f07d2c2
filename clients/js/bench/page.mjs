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

  await tab.run(async url => {
    window.times = [];
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    window.client = new longwire.HubClient(url, { token: 'ann' });
    const room = client.room('room:flood');
    window.count = 0;
    room.on('said', () => { if (++window.count === 1 || window.count % 10_000 === 0) window.times.push(performance.now()); });
    room.on('reset', () => { window.wasReset = true; });
    await room.join();
  }, hub.url);
  const count = 100_000;
  // A batch takes the hub some 13 ms, so that is a little more than 10,000 a second.
  await hub.publish('room:flood', { count, perBatch: 137, everyMs: 10 });
  await tab.until(count => window.count === count, count);
  const { times, longTasks, wasReset } = await tab.run('({ times, longTasks, wasReset: window.wasReset })');
  const seconds = (times.at(-1) - times[0]) / 1000;
  console.log(`Received ${count} messages in ${seconds.toFixed(2)} s: ${Math.round(count / seconds)} a second; tasks over 50 ms: ${longTasks.length}`
    + `${longTasks.length ? ` (the longest ${Math.max(...longTasks).toFixed(0)} ms)` : ''}${wasReset ? '; with a reset' : ''}`);
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
  await hub.kill();
}
