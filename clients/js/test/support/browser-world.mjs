// A hub, a browser, and a client in Node that is a witness to the rooms of the pages.
import { HubClient } from 'longwire';
import { openRoom } from './page.mjs';
import { startHub } from './processes.mjs';

/** Starts them all. `openBrowser` opens the browser. */
export async function openWorld(openBrowser) {
  const hub = await startHub();
  let browser;
  try {
    browser = await openBrowser();
  } catch (error) {
    await hub.kill();
    throw error;
  }
  const witness = new HubClient(hub.url, { token: 'witness', timeout: 180_000 });
  const page = `${hub.http}/test/pages/client.html`;
  return {
    hub, browser, witness, page,
    /** A tab with a client in a room, in which the witness is, too. */
    async openTab(t, name, options = {}) {
      const tab = await browser.tab(page);
      t.after(() => tab.close().catch(() => {}));
      await tab.run(openRoom, hub.url, { token: 'ann', ...options }, name);
      await witness.room(name).join();
      return tab;
    },
    async close() {
      witness.close();
      await browser.close();
      await hub.kill();
    },
  };
}

/** The messages that a tab's room has handed out. */
export const seen = tab => tab.run('window.seen');
