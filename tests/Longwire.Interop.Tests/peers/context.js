// A page of sorts: runs code printed in a document, unchanged, with `ws` as the global WebSocket and stubs for what else a browser
// has. Takes lines of JSON on stdin, {"id", "code"}, runs the code in the page and answers {"id", "value"} or {"id", "error"};
// whatever the page passes to `report(name, value)` comes out as {"report", "value"}, and so does each line of its console, and
// each message that its sockets receive, once the page's own handlers have dealt with it.
import { createInterface } from 'node:readline';
import vm from 'node:vm';
import { WebSocket } from 'ws';

const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const report = (name, value = null) => write({ report: name, value });

// The documents' addresses are fixed; this page resolves them to the server under test, as a hosts file would.
const hosts = new Map();

class PageWebSocket extends WebSocket {
  constructor(url, protocols) {
    super([...hosts].reduce((text, [from, to]) => text.replace(from, to), url), protocols);
    this.on('message', (data) => queueMicrotask(() => report('received', JSON.parse(data))));
  }
}

const storage = new Map();
const elements = new Map();
const element = (tagName) => ({ tagName, className: '', innerHTML: '', children: [], appendChild(child) { this.children.push(child); } });

const log = (level) => (...values) => report(level, values.map((value) => value?.message ?? String(value)).join(' '));

const page = vm.createContext({
  WebSocket: PageWebSocket,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  Date,
  JSON,
  report,
  hosts,
  console: { log: log('log'), error: log('console-error') },
  localStorage: { getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => storage.set(key, String(value)) },
  document: {
    createElement: element,
    getElementById(id) {
      if (!elements.has(id)) elements.set(id, element('div'));
      return elements.get(id);
    },
  },
});

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, code } = JSON.parse(line);
  try {
    write({ id, value: (await vm.runInContext(code, page)) ?? null });
  } catch (error) {
    write({ id, error: error.message });
  }
}).on('close', () => process.exit());
