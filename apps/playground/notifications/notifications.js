import { byId, clock, make, showState, socketAddress } from '../common/dom.js';
import { Inbox } from './inbox.js';

let inbox = null;
let audio = null;

byId('name').value = recall() ?? '';

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = byId('name').value.trim().normalize('NFC');
  if (!name) return byId('name').focus();
  try { localStorage.setItem('longwire.name', JSON.stringify(name)); } catch { /* Not kept, then. */ }
  // Allowed here, where somebody has pressed a button.
  audio = new AudioContext();
  inbox = new Inbox(socketAddress('ws').href, name);
  inbox.addEventListener('state', ({ detail }) => showState(detail));
  inbox.addEventListener('change', show);
  inbox.addEventListener('new', ({ detail }) => alertTo(detail));
  byId('whose').textContent = name;
  byId('sign-in').hidden = true;
  byId('inbox').hidden = byId('send').hidden = false;
  byId('desktop').hidden = !('Notification' in window) || Notification.permission !== 'default';
  return show();
});

function recall() {
  try { return JSON.parse(localStorage.getItem('longwire.name')); } catch { return null; }
}

function show() {
  const { notifications, unread } = inbox;
  byId('list').replaceChildren(...notifications.map(({ title, message, priority, timestamp, label, isUnread }) =>
    make('li', { class: `item ${priority}${isUnread ? ' unread' : ''}`, 'data-testid': 'item' },
      make('h3', { dir: 'auto' }, title), make('time', { datetime: new Date(timestamp).toISOString() }, clock.format(timestamp)),
      make('p', {}, message, ' ', make('span', { class: 'for' }, `· ${label}`)))));
  byId('empty').hidden = notifications.length > 0;
  byId('count').hidden = unread === 0;
  byId('count').textContent = `${unread}`;
  byId('count').setAttribute('aria-label', `${unread} unread`);
  byId('read-all').disabled = unread === 0;
  document.title = `${unread ? `(${unread}) ` : ''}Notifications · Longwire`;
}

function alertTo({ title, message, priority }) {
  if (priority === 'high') chime();
  if ('Notification' in window && Notification.permission === 'granted' && document.hidden) new Notification(title, { body: message, icon: 'mark.svg' });
}

/** Two tones, made here: a file of sound would be more than the page. */
function chime() {
  [880, 1_175].forEach((frequency, index) => {
    const start = audio.currentTime + index * 0.16;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.12, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  });
  document.body.dataset.chimed = String(Number(document.body.dataset.chimed ?? 0) + 1);
}

byId('read-all').addEventListener('click', () => inbox.markRead());
byId('desktop').addEventListener('click', async () => { byId('desktop').hidden = (await Notification.requestPermission()) !== 'default'; });

const to = () => document.querySelector('input[name="to"]:checked').value;
for (const choice of document.querySelectorAll('input[name="to"]')) {
  choice.addEventListener('change', () => { byId('to-name').disabled = to() === 'all'; });
}

byId('send').addEventListener('submit', async (event) => {
  event.preventDefault();
  const notification = {
    to: to(), name: byId('to-name').value.trim() || null, title: byId('title-field').value, message: byId('text').value,
    priority: byId('priority').value,
  };
  try {
    byId('problem').textContent = (await inbox.send(notification)) || 'Sent.';
  } catch (error) {
    byId('problem').textContent = `Not sent: ${error.message}.`;
  }
});
