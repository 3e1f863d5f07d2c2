// How soon a client is back, in Chromium, on loopback: after sleep, out of the back-forward cache, when the tab that has the connection is killed.
// Type: npm run build && node bench/back.mjs      (the hub of the tests must be built: dotnet build tests/Longwire.JavaScript.Hub -c Release)
import { loadavg } from 'node:os';
import { Chromium } from '../test/support/chromium.mjs';
import { openRoom, sleepFor } from '../test/support/page.mjs';
import { startHub } from '../test/support/processes.mjs';

const hub = await startHub();
const browser = await Chromium.open();
try {
  const page = `${hub.http}/test/pages/client.html`, rounds = 7;
  const say = (what, took) => {
    took.sort((a, b) => a - b);
    console.log(`${what}: median ${Math.round(took[rounds >> 1])} ms, worst of ${rounds} ${Math.round(took.at(-1))} ms`);
  };
  // A tab with a client, which notes when it is open again. Its clock is not the one that sleep turns.
  const open = async (user, options) => {
    const one = await browser.tab(page);
    await one.run(openRoom, hub.url, { token: user, ...options }, `room:${user}`);
    await one.run(() => {
      const now = () => performance.timeOrigin + performance.now();
      client.on('state', ({ state }) => { if (state === 'open') window.openAt = now(); });
      addEventListener('pageshow', () => { window.shownAt = now(); });
      window.now = now;
    });
    return one;
  };

  const slept = [];
  for (let n = 0; n < rounds; n++) {
    const one = await open(`sleeper-${n}`);
    const at = await one.run('now()');
    await one.run(sleepFor, 3_600_000);
    await one.until('!!window.openAt');
    slept.push(await one.run('openAt') - at);
    await one.close();
  }
  say('Awake after an hour of sleep, and open on another connection', slept);

  const cached = [];
  for (let n = 0; n < rounds; n++) {
    const one = await open(`away-${n}`);
    await one.send('Page.navigate', { url: `${hub.http}/test/pages/classic.html` });
    await one.until('document.title.includes("classic")');
    const { entries, currentIndex } = await one.send('Page.getNavigationHistory');
    await one.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
    await one.until('!!window.openAt');
    cached.push(await one.run('openAt - shownAt'));
    await one.close();
  }
  say('Out of the back-forward cache, from pageshow to open', cached);

  const taken = [];
  for (let n = 0; n < rounds; n++) {
    const tabs = [];
    for (let m = 0; m < 3; m++) tabs.push(await open(`tabs-${n}`, { tabs: 'shared' }));
    const at = await tabs[1].run('now()');
    await tabs[0].crash();
    await tabs[1].until('!!window.openAt');
    taken.push(await tabs[1].run('openAt') - at);
    await Promise.all(tabs.slice(1).map(one => one.close()));
  }
  say('The tab that has the connection is killed, and another has it', taken);
  console.log(`Load of the machine: ${loadavg()[0].toFixed(1)}`);
} finally {
  await browser.close();
  await hub.kill();
}
