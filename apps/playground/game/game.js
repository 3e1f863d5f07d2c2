import { byId, make, showState, socketAddress } from '../common/dom.js';
import { accessToken, askForToken, isTokenRefused } from '../common/token.js';
import { Play } from './play.js';
import { View } from './view.js';

const KeyBits = { ArrowLeft: 1, KeyA: 1, ArrowRight: 2, KeyD: 2, ArrowUp: 4, KeyW: 4, ArrowDown: 8, KeyS: 8 };
const FigureInterval = 1_000;
const Still = 24; // pixels around the ship where a finger asks for nothing
const world = byId('world');
const view = new View(world);

let play = null;
let isDrawing = false;
let names = new Map();
let figures = { at: 0, bytes: 0, whole: 0, frames: 0 };

byId('name').value = nameOfBefore() ?? `Pilot ${100 + Math.floor(Math.random() * 900)}`;

byId('begin').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = byId('name').value.trim().normalize('NFC') || 'Pilot';
  keepName(name);
  byId('problem').textContent = '';
  play = new Play(socketAddress('ws').href, name, accessToken());
  globalThis.play = play; // for whoever looks into the page's console
  applyControls();
  play.addEventListener('state', ({ detail }) => {
    showState(detail.state);
    if (!isTokenRefused(detail)) return;
    byId('begin').hidden = false;
    askForToken();
  });
  play.addEventListener('ranks', showRanks);
  try {
    await play.join();
  } catch (error) {
    byId('problem').textContent = `The game can't be joined: ${error.message}.`;
    return;
  }
  byId('begin').hidden = true;
  byId('score').hidden = byId('ranks').hidden = false;
  world.focus();
  if (!isDrawing) requestAnimationFrame(frame);
  isDrawing = true;
});

function frame(now) {
  const picture = play.advance(performance.now());
  if (picture) {
    view.draw(picture, play.ranks?.you, names);
    byId('sparks').textContent = play.server.score;
  }
  if (now - figures.at >= FigureInterval) showFigures(now);
  requestAnimationFrame(frame);
}

function showRanks() {
  const { you, best, players } = play.ranks;
  names = new Map(players.map(({ id, name }) => [id, name]));
  byId('ranks').replaceChildren(...best.map(({ id, name, score }) =>
    make('li', { class: id === you && 'you' }, make('span', {}, name), make('span', {}, String(score)))));
}

function showFigures(now) {
  const seconds = (now - figures.at) / 1_000;
  const { snapshots } = play;
  const perSecond = (value, before) => Math.round((value - before) / seconds).toLocaleString();
  byId('round-trip').textContent = `${Math.round(play.roundTrip)} ms`;
  byId('frames').textContent = perSecond(play.frames, figures.frames);
  byId('bytes').textContent = perSecond(play.bytes, figures.bytes);
  byId('whole').textContent = perSecond(snapshots.wholeBytes, figures.whole);
  byId('compared').textContent = snapshots.compared;
  byId('wrong').textContent = snapshots.wrong;
  figures = { at: now, bytes: play.bytes, whole: snapshots.wholeBytes, frames: play.frames };
}

// Steering: keys, or a finger that the ship flies to

for (const [type, isDown] of [['keydown', true], ['keyup', false]]) {
  world.addEventListener(type, (event) => {
    const bit = KeyBits[event.code];
    if (!bit || !play) return;
    event.preventDefault();
    play.keys = isDown ? play.keys | bit : play.keys & ~bit;
  });
}

function steerTo({ clientX, clientY }) {
  const box = world.getBoundingClientRect();
  const [x, y] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  play.keys = (x < -Still ? 1 : x > Still ? 2 : 0) | (y < -Still ? 4 : y > Still ? 8 : 0);
}

world.addEventListener('pointerdown', (event) => {
  if (!play) return;
  world.setPointerCapture(event.pointerId);
  steerTo(event);
});
world.addEventListener('pointermove', (event) => { if (play && world.hasPointerCapture(event.pointerId)) steerTo(event); });
for (const type of ['pointerup', 'pointercancel', 'blur']) world.addEventListener(type, () => { if (play) play.keys = 0; });

// The line

function applyControls() {
  const latency = Number(byId('latency').value);
  byId('latency-told').textContent = `${latency} ms`;
  if (!play) return;
  play.latency = latency;
  play.prediction = byId('prediction').checked;
  play.interpolation = byId('interpolation').checked;
}

for (const id of ['latency', 'prediction', 'interpolation']) byId(id).addEventListener('input', applyControls);

// A seat belongs to a name: the same tab comes back to it, another tab is another player.

function nameOfBefore() {
  try { return sessionStorage.getItem('longwire.pilot'); } catch { return null; }
}

function keepName(name) {
  try { sessionStorage.setItem('longwire.pilot', name); } catch { /* Not kept, then. */ }
}
