// The long forms of the tests, for ./soak javascript: faults for minutes, or ten real minutes hidden. Ends with 1 when anything is wrong.
import { HubClient } from 'longwire';
import { Chromium } from './support/chromium.mjs';
import { sendThroughFaults } from './support/fault-run.mjs';
import { judge } from './support/judge.mjs';
import { openRoom } from './support/page.mjs';
import { startHub } from './support/processes.mjs';
import { newSeed } from './support/random.mjs';

const minutes = Number(process.argv[3] ?? 10), end = Date.now() + 60_000 * minutes;
const hub = await startHub();
let wrong = 0;

async function faults() {
  const totals = {};
  let seed = newSeed(), runs = 0, messages = 0;
  for (; Date.now() < end; runs++, seed++) {
    const { sent, received, published, faults } = await sendThroughFaults(hub, seed, { messages: 500, faults: 20 });
    for (const found of [...judge(published, sent), ...judge(received, sent)]) {
      wrong++;
      console.error(`seed ${seed}: ${found}`);
    }
    messages += sent;
    for (const [fault, count] of Object.entries(faults)) totals[fault] = (totals[fault] ?? 0) + count;
  }
  console.log(`${runs} runs, the last with seed ${seed - 1}: ${messages} messages through ${JSON.stringify(totals)}, ${wrong} wrong`);
}

async function hidden() {
  const browser = await Chromium.open(), witness = new HubClient(hub.url, { token: 'witness' });
  try {
    const page = `${hub.http}/test/pages/client.html`, tab = await browser.tab(page);
    await tab.run(openRoom, hub.url, { token: 'ann' }, 'room:hidden');
    await browser.tab(page);
    await tab.until('document.visibilityState === "hidden"');
    await witness.room('room:hidden').join();
    const took = [];
    for (let n = 1; Date.now() < end; n++) {
      const began = Date.now();
      await witness.room('room:hidden').publish(n).acked;
      await tab.until(n => seen.length === n, n);
      took.push(Date.now() - began);
      await new Promise(resolve => setTimeout(resolve, 15_000));
    }
    const lost = (await tab.run('log')).filter(text => text === 'reconnecting').length;
    wrong += lost + judge(await tab.run('seen'), took.length).length;
    console.log(`${minutes} minutes hidden: ${took.length} messages, the slowest in ${Math.max(...took)} ms; ${lost} disconnects`);
  } finally {
    witness.close();
    await browser.close();
  }
}

try {
  await (process.argv[2] === 'hidden' ? hidden() : faults());
} finally {
  await hub.kill();
}
process.exitCode = wrong ? 1 : 0;
