// Firefox without a window, driven by WebDriver BiDi.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { start, until } from './processes.mjs';

// Everything that a fresh browser does or shows by itself is off.
const Preferences = {
  'app.normandy.enabled': false, 'app.update.enabled': false, 'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.malware.enabled': false, 'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false, 'browser.startup.homepage': 'about:blank',
  'browser.startup.homepage_override.mstone': 'ignore', 'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.systemAddon.update.enabled': false, 'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false, 'network.proxy.type': 0, 'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false, 'trailhead.firstrun.didSeeAboutWelcome': true, 'remote.active-protocols': 1,
};

export class Firefox {
  #answers = new Map();
  #ids = 0;

  static async open() {
    const browser = new Firefox();
    browser.profile = await mkdtemp(join(tmpdir(), 'longwire-firefox-'));
    const lines = Object.entries(Preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
    await writeFile(join(browser.profile, 'user.js'), lines.join('\n'));
    browser.process = await start('/usr/bin/firefox-esr',
      ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', browser.profile],
      /WebDriver BiDi listening on (ws:\S+)/, { env: { ...process.env, HOME: browser.profile } });
    browser.socket = new WebSocket(`${browser.process.match[1]}/session`, { maxPayload: 1 << 28 });
    await new Promise((resolve, reject) => browser.socket.once('open', resolve).once('error', reject));
    browser.socket.on('message', text => {
      const { id, result, error, message } = JSON.parse(text);
      const answer = browser.#answers.get(id);
      browser.#answers.delete(id);
      if (error) answer?.reject(new Error(`${error}: ${message}`));
      else answer?.resolve(result);
    });
    await browser.send('session.new', { capabilities: {} });
    return browser;
  }

  send(method, params = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      this.#answers.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Opens a tab on a page, and waits until it is loaded. */
  async tab(url) {
    const { context } = await this.send('browsingContext.create', { type: 'tab' });
    await this.send('browsingContext.navigate', { context, url, wait: 'complete' });
    const tab = new Tab(this, context);
    await tab.until('!!window.longwire');
    return tab;
  }

  async close() {
    this.socket.close();
    await this.process.kill();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

class Tab {
  constructor(browser, context) {
    Object.assign(this, { browser, context });
  }

  /** Evaluates an expression in the page, or calls a function there with arguments that JSON can carry. */
  async run(code, ...args) {
    const value = typeof code === 'function' ? `(${code})(...${JSON.stringify(args)})` : code;
    const { result, exceptionDetails } = await this.browser.send('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${value})))()`, target: { context: this.context }, awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.type === 'string' ? JSON.parse(result.value) : undefined;
  }

  until(code, ...args) { return until(() => this.run(code, ...args).catch(() => undefined), String(code)); }

  navigate(url) { return this.browser.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' }); }

  back() { return this.browser.send('browsingContext.traverseHistory', { context: this.context, delta: -1 }); }

  reload() { return this.browser.send('browsingContext.reload', { context: this.context, wait: 'complete' }); }

  /** Takes the tab's network away, or gives it back. */
  network(isOffline) {
    return this.browser.send('emulation.setNetworkConditions',
      { networkConditions: isOffline ? { type: 'offline' } : null, contexts: [this.context] });
  }

  close() { return this.browser.send('browsingContext.close', { context: this.context }); }
}
