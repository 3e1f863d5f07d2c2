import { byId, make, socketAddress } from '../common/dom.js';
import { diagnose } from './diagnosis.js';
import { Recording } from './recording.js';

const ShownBytes = 64;
const ShownCharacters = 2_000;
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

const recording = new Recording();
let socket = null;
let wasOpen = false;
let lastAt = 0;
let unanswered = 0;

byId('address').value = socketAddress('echo').href;
explain();

byId('dial').addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket) socket.close(1000);
  else connect();
});

function connect() {
  const address = byId('address').value.trim();
  const protocols = byId('protocols').value.split(/[\s,]+/).filter(Boolean);
  byId('diagnosis').hidden = true;
  tell('');
  try {
    socket = new WebSocket(address, protocols);
  } catch (error) {
    return tell(error.message);
  }
  socket.binaryType = 'arraybuffer';
  wasOpen = false;
  unanswered = 0;
  recording.begin(address);
  become('connecting');
  const started = performance.now();
  socket.onopen = () => {
    wasOpen = true;
    lastAt = performance.now();
    become('open');
    byId('protocol').textContent = socket.protocol || 'none';
    byId('extensions').textContent = socket.extensions || 'none';
    show(recording.event(`Open after ${Math.round(performance.now() - started)} ms`));
  };
  socket.onmessage = ({ data }) => {
    lastAt = performance.now();
    unanswered = 0;
    show(recording.message('received', data));
  };
  socket.onclose = ({ code, reason, wasClean }) => {
    const idleSeconds = Math.round((performance.now() - lastAt) / 1_000);
    socket = null;
    become('closed');
    show(recording.event(`Closed with ${code}${reason ? ` “${reason}”` : ''}, ${wasClean ? 'cleanly' : 'without a closing handshake'}`, !wasClean));
    advise(diagnose({ address, wasOpen, code, reason, idleSeconds, sentWithoutAnswer: unanswered > 0 }));
  };
  return undefined;
}

function become(state) {
  byId('state').hidden = false;
  byId('state').dataset.state = state;
  byId('state-text').textContent = state;
  byId('connect').textContent = state === 'closed' ? 'Connect' : 'Close';
}

function advise(issue) {
  byId('diagnosis').hidden = !issue;
  if (!issue) return;
  const items = (texts) => make('ul', {}, ...texts.map((text) => make('li', { class: text === issue.likely && 'likely' }, text)));
  byId('diagnosis').replaceChildren(make('h2', {}, issue.title), make('p', {}, issue.said),
    make('div', {}, make('h3', {}, 'Causes'), items(issue.causes)), make('div', {}, make('h3', {}, 'Solution'), items(issue.solutions)));
}

// Sending

byId('compose').addEventListener('submit', (event) => {
  event.preventDefault();
  tell('');
  try {
    send(read());
  } catch (error) {
    tell(error.message);
  }
});

byId('message').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('compose').requestSubmit();
});

function read() {
  const text = byId('message').value;
  if (byId('kind').value === 'json') return JSON.stringify(JSON.parse(text));
  if (byId('kind').value === 'text') return text;
  const hex = text.replace(/[\s:]|0x/g, '');
  if (/[^\da-f]/i.test(hex) || hex.length % 2) throw new Error('Bytes in hex are pairs of 0 to 9 and a to f.');
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).buffer;
}

function send(data) {
  if (socket?.readyState !== WebSocket.OPEN) throw new Error('Not connected: readyState is not OPEN.');
  socket.send(data);
  unanswered += 1;
  show(recording.message('sent', data));
}

function tell(text) { byId('problem').textContent = text; }

// The table

function show(row) {
  const line = lineOf(row);
  line.hidden = !fits(row);
  byId('rows').append(line);
  while (byId('rows').childElementCount > recording.rows.length) byId('rows').firstElementChild.remove();
  const table = byId('rows').closest('.table');
  table.scrollTop = table.scrollHeight;
}

function lineOf(row) {
  if (!row.opcode) {
    return make('tr', { class: row.isTrouble ? 'event trouble' : 'event' }, make('td', {}, '·'), make('td', {}), make('td', {}),
      make('td', {}, time.format(row.at)), make('td', { class: 'payload' }, row.text), make('td', {}));
  }
  const isSent = row.direction === 'sent';
  const again = make('button', { type: 'button', class: 'quiet', 'data-testid': 'again', 'aria-label': 'Send again' }, 'again');
  again.addEventListener('click', () => {
    try { send(row.data); } catch (error) { tell(error.message); }
  });
  return make('tr', { class: row.direction, 'data-testid': row.direction },
    make('td', {}, make('span', { role: 'img', 'aria-label': row.direction }, isSent ? '→' : '←')), make('td', {}, row.opcode),
    make('td', {}, row.bytes.toLocaleString()), make('td', {}, time.format(row.at)),
    make('td', { class: 'payload' }, textOf(row.data)), make('td', {}, isSent ? again : ''));
}

function textOf(data) {
  if (typeof data === 'string') return data.length > ShownCharacters ? `${data.slice(0, ShownCharacters)}…` : data;
  const bytes = new Uint8Array(data);
  const shown = Array.from(bytes.subarray(0, ShownBytes), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > ShownBytes ? `${shown} …` : shown;
}

function fits(row) {
  const direction = byId('direction').value;
  const words = byId('filter').value.toLowerCase();
  if (direction && row.direction !== direction) return false;
  return !words || `${row.opcode ?? ''} ${row.text ?? textOf(row.data)}`.toLowerCase().includes(words);
}

function refilter() {
  const lines = byId('rows').children;
  recording.rows.forEach((row, index) => { lines[index].hidden = !fits(row); });
}

byId('filter').addEventListener('input', refilter);
byId('direction').addEventListener('change', refilter);
byId('clear').addEventListener('click', () => {
  recording.rows = [];
  byId('rows').replaceChildren();
});

byId('export').addEventListener('click', () => {
  const address = URL.createObjectURL(new Blob([JSON.stringify(recording.toHar(), null, 2)], { type: 'application/json' }));
  make('a', { href: address, download: 'websocket.har' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
});

// The handshake

function explain() {
  let url;
  try {
    url = new URL(byId('address').value);
  } catch {
    return;
  }
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const protocols = byId('protocols').value.split(/[\s,]+/).filter(Boolean).join(', ');
  byId('request').textContent = [
    `GET ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`, 'Upgrade: websocket', 'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', ...protocols ? [`Sec-WebSocket-Protocol: ${protocols}`] : [],
    `Origin: ${location.origin}`,
  ].join('\n');
}

for (const id of ['address', 'protocols']) byId(id).addEventListener('input', explain);
