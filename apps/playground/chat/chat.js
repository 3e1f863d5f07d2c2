import { byId, make, socketAddress } from '../common/dom.js';
import { firstToken } from '../common/token.js';
import { Conversation } from './conversation.js';
import { bytesOf } from './pictures.js';

const ShownMembers = 200;
const NearBottom = 40;

const state = byId('state');
const scroller = byId('scroller');
const composer = byId('message');
const roomButtons = new Map();

let conversation = null;
let shown = null; // the room whose lines are in the scroller
let atBottom = true;
let newBelow = 0;
let countdown = 0;
let typingEnds = 0;

// The browser's storage can be switched off; then nothing is kept.

function recall(storage, key) {
  try { return JSON.parse(window[storage].getItem(`longwire.${key}`)); } catch { return null; }
}

function keep(storage, key, value) {
  try { window[storage].setItem(`longwire.${key}`, JSON.stringify(value)); } catch { /* Not kept, then. */ }
}

function roomName(text) {
  return text.trim().replace(/^#+/, '').trim().normalize('NFC'); // As the hub names it.
}

function roomInAddress() {
  try { return roomName(decodeURIComponent(location.hash)); } catch { return ''; }
}

// Entering and leaving

function enter(saved) {
  conversation = new Conversation({
    address: socketAddress('ws').href,
    token: firstToken,
    ...saved,
  });
  conversation.attentive = !document.hidden;
  conversation.addEventListener('state', renderState);
  conversation.addEventListener('rooms', renderRooms);
  conversation.addEventListener('members', renderMembers);
  conversation.addEventListener('line', (event) => lineArrived(event.detail));
  byId('enter').hidden = true;
  byId('talk').hidden = false;
  byId('me').hidden = false;
  for (const name of saved.rooms) conversation.open(name);
  select(conversation.open(saved.current ?? saved.rooms[0]));
  conversation.start();
}

byId('enter-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = byId('name').value.trim().normalize('NFC');
  const problem = byId('enter-problem');
  problem.hidden = name !== '';
  if (!name) {
    problem.textContent = 'Please type a name.';
    byId('name').focus();
    return;
  }
  keep('localStorage', 'name', name);
  enter({ name, rooms: [roomName(byId('first-room').value) || 'general'] });
});

byId('sign-out').addEventListener('click', () => {
  conversation.stop();
  conversation = null;
  location.replace(location.pathname + location.search);
});

// A reload goes on where the page was. The session is taken out of the storage while it is in use, because a duplicated
// tab copies the storage, and two tabs must not fight over one session.
addEventListener('pagehide', () => {
  if (conversation) keep('sessionStorage', 'return', conversation.save());
});

function takeSaved() {
  const saved = recall('sessionStorage', 'return');
  keep('sessionStorage', 'return', null);
  const [navigation] = performance.getEntriesByType('navigation');
  return navigation?.type === 'navigate' || !saved?.rooms?.length ? null : saved;
}

// Connection state

function renderState() {
  if (!conversation) return; // signed out: the page goes
  state.dataset.state = conversation.state;
  if (byId('state-text').textContent !== conversation.state) byId('state-text').textContent = conversation.state;
  byId('my-name').textContent = conversation.name;
  clearInterval(countdown);
  renderTrouble();
  if (conversation.trouble?.retryAt) countdown = setInterval(renderTrouble, 250);
}

function renderTrouble() {
  const { state: connection, trouble } = conversation;
  byId('trouble').hidden = !trouble;
  if (!trouble) return;
  const seconds = trouble.retryAt ? Math.max(1, Math.ceil((trouble.retryAt - Date.now()) / 1000)) : 0;
  const outlook = connection === 'offline' ? '' : seconds ? ` Reconnecting in ${seconds} s.` : ' Reconnecting…';
  // The reason is announced once; the seconds are only shown.
  if (byId('trouble-text').textContent !== trouble.text) byId('trouble-text').textContent = trouble.text;
  byId('outlook').textContent = outlook;
  byId('token-form').hidden = !trouble.wantsToken;
  byId('now').textContent = connection === 'offline' ? 'Connect again' : 'Now';
}

function comeBackNow() {
  const token = byId('token').value.trim();
  byId('token').value = '';
  if (conversation.trouble?.wantsToken && token) conversation.useToken(token);
  else conversation.comeBack();
}

byId('now').addEventListener('click', comeBackNow);
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  comeBackNow();
});

// Rooms

function select(room) {
  if (shown) {
    shown.draft = composer.value;
    shown.scrollTop = atBottom ? null : scroller.scrollTop;
  }
  conversation.select(room);
  show(room);
  composer.focus();
}

function show(room) {
  shown?.transcript.list.remove();
  shown = room;
  newBelow = 0;
  byId('talk').classList.toggle('no-room', !room);
  composer.disabled = !room;
  if (!room) {
    renderConversation();
    return;
  }
  scroller.append(room.transcript.list);
  composer.value = room.draft;
  fitComposer();
  atBottom = room.scrollTop === null;
  scroller.scrollTop = room.scrollTop ?? scroller.scrollHeight;
  history.replaceState(null, '', `#${encodeURIComponent(room.name)}`);
  renderConversation();
}

function renderRooms() {
  const list = byId('rooms');
  for (const [name, button] of roomButtons) {
    if (conversation.rooms.has(name)) continue;
    button.parentElement.remove();
    roomButtons.delete(name);
  }
  for (const room of conversation.rooms.values()) {
    let button = roomButtons.get(room.name);
    if (!button) {
      button = make('button', { type: 'button', 'data-testid': 'room-tab', 'data-room': room.name },
        make('span', { class: 'room-label' }, room.name), make('span', { class: 'unread', 'data-testid': 'unread' }));
      button.addEventListener('click', () => select(conversation.rooms.get(room.name)));
      list.append(make('li', {}, button));
      roomButtons.set(room.name, button);
    }
    if (room === conversation.current) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
    const badge = button.lastElementChild;
    badge.hidden = room.unread === 0;
    badge.textContent = room.unread > 99 ? '99+' : String(room.unread || '');
    button.setAttribute('aria-label', room.unread ? `${room.name}, ${room.unread} unread` : room.name);
  }
  byId('switch-hint').hidden = conversation.rooms.size < 2;
  renderConversation();
}

function renderConversation() {
  const room = shown;
  const { unread } = conversation;
  document.title = `${unread ? `(${unread}) ` : ''}${room ? `#${room.name}` : 'Chat'} · Longwire`;
  byId('room-name').textContent = room ? room.name : 'No room';
  byId('leave').hidden = !room;
  byId('members-toggle').hidden = !room;
  byId('message-label').textContent = room ? `Message to ${room.name}` : 'Message';
  composer.placeholder = room ? `Write to ${room.name}` : 'Join a room first';
  byId('earlier').hidden = !room?.hasEarlier;
  byId('empty').hidden = Boolean(room && (!room.isLive || !room.transcript.isEmpty));
  byId('empty').textContent = room ? 'Nothing has been said here yet.' : 'You are in no room. Join one from the list of rooms.';
  byId('latest').hidden = atBottom || newBelow === 0;
  byId('latest').textContent = newBelow === 1 ? '1 new message' : `${newBelow} new messages`;
}

function renderMembers() {
  const room = conversation.current;
  const members = room ? room.members.sort((a, b) => String(a.username).localeCompare(String(b.username))) : [];
  const items = members.slice(0, ShownMembers).map((member) => make('li', {}, member.username || 'Somebody'));
  if (members.length > ShownMembers) items.push(make('li', { class: 'more' }, `and ${members.length - ShownMembers} more`));
  byId('members').replaceChildren(...items);
  byId('members-toggle').textContent = members.length === 1 ? '1 member' : `${members.length} members`;
  renderTyping();
}

byId('add-room').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = roomName(byId('another-room').value);
  if (!name) return;
  byId('another-room').value = '';
  select(conversation.open(name));
});

byId('leave').addEventListener('click', () => {
  const names = [...conversation.rooms.keys()];
  const next = names[names.indexOf(shown.name) + 1] ?? names[names.indexOf(shown.name) - 1];
  conversation.leave(shown);
  if (next !== undefined) select(conversation.rooms.get(next));
  else {
    show(null);
    renderMembers();
    byId('another-room').focus();
  }
});

byId('members-toggle').addEventListener('click', () => {
  const open = byId('talk').classList.toggle('members-open');
  byId('members-toggle').setAttribute('aria-expanded', String(open));
});

addEventListener('hashchange', () => {
  const name = roomInAddress();
  if (!name) return;
  if (conversation) select(conversation.open(name));
  else byId('first-room').value = name;
});

addEventListener('keydown', (event) => {
  if (!conversation || !event.altKey || event.ctrlKey || event.metaKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
  const rooms = [...conversation.rooms.values()];
  if (rooms.length < 2) return;
  event.preventDefault();
  const step = event.key === 'ArrowUp' ? rooms.length - 1 : 1;
  select(rooms[(rooms.indexOf(shown) + step) % rooms.length]);
});

// Reading

function toBottom() {
  scroller.scrollTop = scroller.scrollHeight;
  atBottom = true;
  newBelow = 0;
}

function lineArrived({ room, own, settled, arrived }) {
  if (room !== shown) return;
  if (atBottom || (own && !settled)) toBottom();
  else if (!own && !arrived) newBelow += 1;
  renderConversation();
}

scroller.addEventListener('scroll', () => {
  atBottom = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NearBottom;
  if (atBottom) newBelow = 0;
  byId('latest').hidden = atBottom || newBelow === 0;
}, { passive: true });

new ResizeObserver(() => { if (atBottom) toBottom(); }).observe(scroller);

byId('latest').addEventListener('click', () => {
  toBottom();
  renderConversation();
  composer.focus();
});

byId('earlier').addEventListener('click', () => {
  const fromBottom = scroller.scrollHeight - scroller.scrollTop;
  const room = shown;
  conversation.requestEarlier(room).catch(() => {});
  const observer = new MutationObserver(() => {
    observer.disconnect();
    if (room === shown) scroller.scrollTop = scroller.scrollHeight - fromBottom;
  });
  observer.observe(room.transcript.list, { childList: true });
});

document.addEventListener('visibilitychange', () => {
  if (!conversation) return;
  conversation.attentive = !document.hidden;
  if (conversation.attentive) conversation.markRead();
});

// Writing

function fitComposer() {
  composer.style.height = 'auto';
  composer.style.height = `${composer.scrollHeight}px`;
}

composer.addEventListener('input', () => {
  fitComposer();
  conversation.typed(composer.value !== '');
});

composer.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('composer').requestSubmit();
});

byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = composer.value.trim();
  if (!text || !shown) return;
  if (!conversation.say(shown, text)) {
    shown.transcript.notice('Too many messages are waiting for the connection already.', 'refusal');
    return;
  }
  composer.value = '';
  fitComposer();
  composer.focus();
});

function renderTyping() {
  clearTimeout(typingEnds);
  const names = shown?.typing ?? [];
  byId('typing').textContent = names.length === 0 ? '' : names.length > 3 ? 'Several people are typing'
    : `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing`;
  if (names.length) typingEnds = setTimeout(renderTyping, 1_000);
}

// Pictures

async function sendPicture(file) {
  const room = shown;
  if (!room || !file) return;
  try {
    if (!conversation.say(room, await bytesOf(file))) throw new Error('too many messages are waiting for the connection already');
  } catch (error) {
    room.transcript.notice(`The picture can't be sent: ${error.message}.`, 'refusal');
  }
}

byId('picture').addEventListener('click', () => byId('picture-file').click());
byId('picture-file').addEventListener('change', ({ target }) => {
  sendPicture(target.files[0]);
  target.value = '';
});
const pictureIn = ({ files }) => [...files].find(({ type }) => type.startsWith('image/'));
composer.addEventListener('paste', (event) => {
  const picture = pictureIn(event.clipboardData);
  if (!picture) return;
  event.preventDefault();
  sendPicture(picture);
});
scroller.addEventListener('dragover', (event) => event.preventDefault());
scroller.addEventListener('drop', (event) => {
  event.preventDefault();
  sendPicture(pictureIn(event.dataTransfer));
});

// Start

state.hidden = false;

byId('name').value = recall('localStorage', 'name') ?? '';
byId('first-room').value = roomInAddress() || 'general';
const saved = takeSaved();
if (saved) enter(saved);
else byId(byId('name').value ? 'first-room' : 'name').focus();
