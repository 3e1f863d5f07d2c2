import { act, look, trace, useToken } from './api.js';
import { button, byId, confirmed, make, name } from './dom.js';

const refreshEvery = 5_000;
const maxLines = 500;
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

let me = null;
let tracing = null;

const tell = (text) => { byId('problem').textContent = text; };

/** Runs what may be refused, and says so. */
async function attempt(work) {
  try {
    tell('');
    await work();
  } catch (error) {
    if (error.name === 'AbortError') return;
    if (error.status === 401) signOut();
    tell(error.message);
  }
}

const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value));

async function showStatus() {
  me = await look('status');
  byId('node').textContent = me.node;
  byId('whoami').textContent = `as ${me.role}`;
  byId('drain').hidden = !me.mayAct;
  byId('drain').disabled = !me.ready;
  const transports = Object.entries(me.transports).map(([transport, count]) => `${number.format(count)} ${transport.replaceAll('_', ' ')}`);
  const figures = {
    State: me.ready ? 'takes connections' : 'takes no connections',
    Connections: `${number.format(me.connections)} of ${number.format(me.maxConnections)}`,
    'Ways in': transports.join(', ') || '–',
    Rooms: number.format(me.rooms),
    Received: `${number.format(me.receivedPerSecond)}/s`,
    Sent: `${number.format(me.sentPerSecond)}/s`,
    Refused: `${number.format(me.rejectedPerSecond)}/s`,
    'Lag behind': number.format(me.behind),
  };
  byId('figures').replaceChildren(...Object.entries(figures).map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', {}, value))));
}

async function showAudit() {
  const { entries } = await look('audit');
  byId('audit').replaceChildren(...entries.map((entry) => make('tr', {},
    make('td', {}, time.format(new Date(entry.time))),
    make('td', {}, entry.event),
    make('td', {}, entry.role),
    make('td', {}, entry.address ?? '–'),
    make('td', {}, name(entry.target)))));
}

async function showConnections() {
  const query = { user: byId('user').value.trim(), address: byId('address').value.trim(), room: byId('room').value.trim(), slow: byId('slow').checked ? '1' : '' };
  const { total, connections } = await look('connections', filled(query));
  byId('connections-count').textContent = `${number.format(total)} found, ${number.format(connections.length)} shown`;
  byId('connections').replaceChildren(...connections.map(connectionRow));
}

function connectionRow(connection) {
  const { clientId, userId, username, address } = connection;
  const who = username ?? userId ?? clientId;
  const actions = make('td', { class: 'actions' });
  if (userId) actions.append(button('Trace', `Trace ${who}`, () => startTrace({ user: userId })));
  if (me.mayAct) {
    actions.append(
      button('Kick', `Kick ${who}`, () => perform('kick', { clientId }, `Close this connection of ${who}?`)),
      button('Revoke', `Revoke ${who}`, () => perform('revoke', userId ? { userId } : { clientId }, `Revoke all tokens of ${who}?`)),
    );
    if (userId) actions.append(button('Ban', `Ban ${who}`, () => perform('ban', { userId, seconds: 3600 }, `Ban ${who} for an hour?`)));
  }
  const shown = connection.rooms.length < connection.roomCount ? `, … ${connection.roomCount}` : '';
  return make('tr', {},
    make('th', { scope: 'row' }, name(who), make('span', { class: 'id' }, name(userId === who ? clientId : userId ?? clientId))),
    make('td', {}, address ?? '–'),
    make('td', {}, connection.connected ? connection.transport.replaceAll('_', ' ') : 'lost'),
    make('td', {}, name(connection.rooms.join(', ') + shown)),
    make('td', {}, `${number.format(connection.waitingBytes)} B`),
    actions);
}

async function showRooms() {
  const { total, rooms } = await look('rooms', filled({ name: byId('room-name').value.trim() }));
  byId('rooms-count').textContent = `${number.format(total)} found, ${number.format(rooms.length)} shown`;
  byId('rooms').replaceChildren(...rooms.map((room) => make('tr', {},
    make('th', { scope: 'row' }, name(room.name)),
    make('td', {}, number.format(room.members)),
    make('td', {}, number.format(room.offset)),
    make('td', {}, number.format(room.waiting)),
    make('td', { class: 'actions' }, button('Trace', `Trace room ${room.name}`, () => startTrace({ room: room.name }))))));
}

async function showBans() {
  const { total, bans } = await look('bans', filled({ name: byId('banned').value.trim() }));
  byId('bans-count').textContent = `${number.format(total)} found, ${number.format(bans.length)} shown`;
  byId('bans').replaceChildren(...bans.map(({ userId, address, since, until }) => {
    const who = userId ?? address;
    const actions = make('td', { class: 'actions' });
    if (me.mayAct) {
      const body = { ...(userId ? { userId } : { address }), seconds: 0 };
      actions.append(button('Let in', `Let ${who} in`, () => perform('ban', body, `Let ${who} in again?`)));
    }
    return make('tr', {},
      make('th', { scope: 'row' }, name(who), make('span', { class: 'id' }, userId ? 'user' : 'address')),
      make('td', {}, date.format(new Date(since))),
      make('td', {}, until ? date.format(new Date(until)) : 'for good'),
      actions);
  }));
}

async function perform(what, body, question) {
  if (!await confirmed(question)) return;
  await attempt(async () => {
    const { done, target } = await act(what, body);
    tell(`${done}: ${target}`);
    await Promise.all([showStatus(), showConnections(), showBans(), showAudit()]);
  });
}

async function startTrace(target) {
  tracing?.abort();
  const current = tracing = new AbortController();
  byId('trace').hidden = false;
  byId('trace-stop').disabled = false;
  byId('traced').textContent = target.user ?? target.room;
  byId('said').replaceChildren();
  byId('trace').scrollIntoView({ block: 'nearest' });
  const query = me.maySeeContents ? { ...target, contents: '1' } : target;
  await attempt(() => trace(query, current.signal, showLine));
  if (tracing === current) stopTrace();
}

function showLine(line) {
  const lines = byId('lines');
  const said = byId('said');
  const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
  said.append(line.dropped ? make('li', { class: 'dropped' }, `${line.dropped} were too many to show`) : make('li', {},
    make('time', { datetime: line.time }, time.format(new Date(line.time))),
    make('span', { class: line.direction }, line.direction),
    make('code', {}, line.type),
    make('span', { class: 'bytes' }, `${number.format(line.bytes)} B`),
    make('code', { class: 'content' }, line.content ?? '')));
  while (said.childElementCount > maxLines) said.firstElementChild.remove();
  if (atEnd) lines.scrollTop = lines.scrollHeight;
}

function stopTrace() {
  tracing?.abort();
  tracing = null;
  byId('trace-stop').disabled = true;
  attempt(showAudit);
}

function signOut() {
  useToken('');
  tracing?.abort();
  tracing = me = null;
  byId('sign-in').hidden = false;
  for (const id of ['signed-in', 'whoami', 'sign-out']) byId(id).hidden = true;
}

const onSubmit = (id, work) => byId(id).addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(work);
});

onSubmit('sign-in', async () => {
  useToken(byId('token').value.trim());
  byId('token').value = '';
  await showStatus();
  byId('sign-in').hidden = true;
  for (const id of ['signed-in', 'whoami', 'sign-out']) byId(id).hidden = false;
  byId('main').focus();
  await Promise.all([showConnections(), showRooms(), showBans(), showAudit()]);
});
onSubmit('search', showConnections);
onSubmit('room-search', showRooms);
onSubmit('ban-search', showBans);
byId('sign-out').addEventListener('click', signOut);
byId('trace-stop').addEventListener('click', stopTrace);
byId('drain').addEventListener('click', () => perform('drain', {}, 'Send all connections of this node away, and let no more in?'));
// In silence: what was said last about an action stays.
setInterval(() => { if (me && !document.hidden) Promise.all([showStatus(), showAudit()]).catch((error) => { if (error.status === 401) signOut(); }); }, refreshEvery);
