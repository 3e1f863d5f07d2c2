import { byId, make, showState, socketAddress } from '../common/dom.js';
import { HubClient } from '../vendor/longwire.js';
import { Access } from './access.js';
import { Chart, Hour } from './series.js';

const FirstPoints = 600;
const PagePoints = 1_000;
const Recent = 30;
const Limits = ['0.1', '0.2', '0.5', '1', '2', '5', '10', '20', '50', '100', 'more'];
const Elsewhere = 'The figures tell of the machine, so they are shown on the machine itself, at localhost, '
  + 'or by the token that the server was started with: --admin-token.';
const number = new Intl.NumberFormat();

const access = new Access();
const client = new HubClient(socketAddress('ws').href, { token: () => access.ticket() });
const room = client.room('figures', { history: FirstPoints });
const hour = new Hour();
const histograms = [];
let newest = null;

const charts = [
  { names: ['received', 'sent'], chart: new Chart(byId('messages'), [{ name: 'in', hue: 'hue-0' }, { name: 'out', hue: 'hue-1' }]) },
  { names: ['connections', 'rooms'], chart: new Chart(byId('connections'), [{ name: 'connections', hue: 'hue-0' }, { name: 'rooms', hue: 'hue-2' }]) },
  { names: ['processCpu', 'machineCpu'], chart: new Chart(byId('cpu'), [{ name: 'process', hue: 'hue-0' }, { name: 'machine', hue: 'hue-3' }]) },
  { names: ['memory', 'managed'], chart: new Chart(byId('memory'), [{ name: 'process', hue: 'hue-0' }, { name: 'managed', hue: 'hue-2' }]) },
];

client.on('state', ({ state }) => showState(state));
room.on('figures', (figures) => {
  take(figures);
  if (room.isJoined) show();
});
room.on('joined', () => {
  byId('problem').textContent = '';
  byId('load').hidden = !access.mayLoad;
  show();
  readEarlier();
});
start();

async function start() {
  try {
    if (await access.enter()) await room.join();
    else byId('problem').textContent = Elsewhere;
  } catch ({ message }) {
    byId('problem').textContent = `${message}.`;
  }
}

function take(figures) {
  hour.add(Math.round(figures.timestamp / 1_000), {
    received: figures.received, sent: figures.sent, connections: figures.connections, rooms: figures.rooms,
    processCpu: figures.processCpu, machineCpu: figures.machineCpu, memory: figures.memory, managed: figures.managed,
  });
  if (newest && figures.timestamp < newest.timestamp) return;
  newest = figures;
  histograms.push(figures.latency);
  if (histograms.length > Recent) histograms.shift();
}

/** The rest of the hour, in pages, while what is newest is shown already. */
async function readEarlier() {
  let before = (room.position?.offset ?? 0) - FirstPoints + 1;
  while (hour.length < Hour.Seconds && before > 1) {
    const messages = await room.history({ before, limit: PagePoints }).catch(() => []);
    if (messages.length === 0) break;
    messages.forEach(take);
    before = messages[0].offset;
  }
  show();
}

/** Shows the newest figures. Nothing is drawn while nobody looks: all of it is shown when the page is. */
function show() {
  if (!newest || document.hidden) return;
  const seconds = Number(byId('span').value);
  for (const { names, chart } of charts) chart.show(hour.last(seconds, names));
  const told = {
    connections: number.format(newest.connections), rooms: number.format(newest.rooms),
    received: number.format(newest.received), sent: number.format(newest.sent),
    median: `≤ ${quantile(0.5)} ms`, slow: `≤ ${quantile(0.99)} ms`,
    process: `${newest.processCpu} %`, memory: `${Math.round(newest.memory)} MB`,
  };
  for (const [name, text] of Object.entries(told)) byId(`now-${name}`).textContent = text;
  byId('load').setAttribute('aria-pressed', String(newest.isUnderLoad));
  byId('load').textContent = newest.isUnderLoad ? 'Take the load off' : 'Put it under load';
  showHistogram();
  byId('loops').replaceChildren(...newest.loopCpu.map((percent, index) => make('li', {}, `loop ${index}`,
    make('progress', { max: 100, value: Math.min(100, percent), 'aria-label': `Event loop ${index}` }), `${percent} %`)));
}

function counts() {
  return Limits.map((_, index) => histograms.reduce((sum, histogram) => sum + histogram[index], 0));
}

function quantile(part) {
  const all = counts();
  let left = part * all.reduce((sum, count) => sum + count, 0);
  return Limits[Math.max(0, all.findIndex((count) => (left -= count) <= 0))];
}

function showHistogram() {
  const all = counts();
  const most = Math.max(1, ...all);
  byId('histogram').replaceChildren(...all.map((count, index) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    bar.setAttribute('viewBox', '0 0 10 100');
    bar.setAttribute('preserveAspectRatio', 'none');
    bar.setAttribute('aria-hidden', 'true');
    const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const height = 100 * count / most;
    for (const [name, value] of Object.entries({ x: 0, width: 10, y: 100 - height, height })) rect.setAttribute(name, value);
    bar.append(rect);
    return make('li', {}, bar, make('span', { class: 'many' }, count ? number.format(count) : ''), make('span', {}, index < 10 ? `${Limits[index]} ms` : 'more'));
  }));
}

byId('span').addEventListener('change', show);
document.addEventListener('visibilitychange', show);
byId('load').addEventListener('click', () => {
  const on = byId('load').getAttribute('aria-pressed') !== 'true';
  room.ask('load', { on }).catch(({ message }) => { byId('problem').textContent = `${message}.`; });
});
