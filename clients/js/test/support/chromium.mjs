// Chromium without a window, driven by its DevTools protocol.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { start, until } from './processes.mjs';

const Flags = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server', '--disable-dev-shm-usage', '--remote-debugging-port=0',
];

export class Chromium {
  #answers = new Map();
  #ids = 0;

  static async open(flags = []) {
    const browser = new Chromium();
    browser.profile = await mkdtemp(join(tmpdir(), 'longwire-chromium-'));
    browser.process = await start('/usr/bin/chromium', [...Flags, ...flags, `--user-data-dir=${browser.profile}`, 'about:blank'],
      /DevTools listening on (ws:\S+)/);
    browser.socket = new WebSocket(browser.process.match[1], { maxPayload: 1 << 28 });
    await new Promise((resolve, reject) => browser.socket.once('open', resolve).once('error', reject));
    browser.socket.on('message', text => {
      const { id, result, error } = JSON.parse(text);
      const answer = browser.#answers.get(id);
      browser.#answers.delete(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result);
    });
    return browser;
  }

  /** Sends a command: to the browser, or to a tab by its session. */
  send(method, params = {}, sessionId) {
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      this.#answers.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  /** Opens a tab on a page, and waits until it is loaded. */
  async tab(url, params = {}) {
    const { targetId } = await this.send('Target.createTarget', { url, ...params });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, targetId, sessionId);
    await tab.send('Page.enable');
    await tab.loaded();
    return tab;
  }

  async close() {
    this.socket.close();
    await this.process.kill();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

class Tab {
  constructor(browser, targetId, sessionId) {
    Object.assign(this, { browser, targetId, sessionId });
  }

  send(method, params) { return this.browser.send(method, params, this.sessionId); }

  /** Evaluates an expression in the page, or calls a function there with arguments that JSON can carry. */
  async run(code, ...args) {
    const expression = typeof code === 'function' ? `(${code})(...${JSON.stringify(args)})` : code;
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  until(code, ...args) { return until(() => this.run(code, ...args).catch(() => undefined), String(code)); }

  loaded() { return this.until('document.readyState === "complete" && location.href !== "about:blank" && !!window.longwire'); }

  async close() { await this.browser.send('Target.closeTarget', { targetId: this.targetId }); }

  /** Ends the tab's process at once, as a crash does, and waits until it is gone: until then it still passes messages on. */
  async crash() {
    await this.send('Inspector.enable');
    const crashed = new Promise(resolve => this.browser.socket.on('message', text => {
      const { method, sessionId } = JSON.parse(text);
      if (method === 'Inspector.targetCrashed' && sessionId === this.sessionId) resolve();
    }));
    this.send('Page.crash').catch(() => {});
    await crashed;
  }
}
