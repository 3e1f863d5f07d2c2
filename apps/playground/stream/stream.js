import { byId, showState, socketAddress } from '../common/dom.js';
import { HubClient } from '../vendor/longwire.js';

const client = new HubClient(socketAddress('ws').href, { token: 'valid-token', username: `reader ${crypto.randomUUID().slice(0, 8)}` });

let room = null;
let text = '';
let counts = { pieces: 0, returns: -1, wrong: 0 };

client.on('state', ({ state }) => showState(state));

byId('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  byId('problem').textContent = '';
  try {
    const id = await ask(byId('question').value);
    if (!id) throw new Error('it is empty, or too many answers are told now');
    history.pushState(null, '', `?id=${id}`);
    open(id);
  } catch (error) {
    byId('problem').textContent = `It can't be asked: ${error.message}.`;
  }
});

/** Asks, and asks again where the connection was lost before the answer came: at worst the server tells the same answer to nobody. */
async function ask(text) {
  for (;;) {
    try {
      return await client.ask('question', { text });
    } catch (error) {
      if (error.name !== 'ConnectionLostError' || client.state === 'closed') throw error;
    }
  }
}

/** Follows a stream: the text so far comes as the room's state, the rest piece by piece behind it. */
function open(id) {
  room?.leave();
  text = '';
  counts = { pieces: 0, returns: -1, wrong: 0 };
  const opened = client.room(`stream:${id}`, { state: true });
  room = opened;
  opened.on('state', (answer) => {
    if (room !== opened) return;
    // The server has told at least as much as this page has heard.
    if (!answer.text.startsWith(text)) counts.wrong += 1;
    counts.returns += 1;
    text = answer.text;
    byId('asked').textContent = answer.question;
    show(answer.isComplete);
  });
  opened.on('token', ({ from, text: piece, isLast }) => {
    if (room !== opened) return;
    if (from !== text.length) counts.wrong += 1;
    counts.pieces += 1;
    text = text.slice(0, from) + piece;
    show(isLast);
  });
  opened.join().catch((error) => {
    byId('problem').textContent = `${error.message}.`;
    byId('answer').hidden = true;
  });
}

async function show(isComplete) {
  byId('answer').hidden = false;
  byId('answer').setAttribute('aria-busy', String(!isComplete));
  byId('text').textContent = text;
  byId('pieces').textContent = counts.pieces;
  byId('characters').textContent = text.length;
  byId('returns').textContent = Math.max(0, counts.returns);
  byId('wrong').textContent = counts.wrong;
  if (!isComplete) return byId('whole').textContent = '';
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return byId('whole').textContent = `Complete. SHA-256 ${Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')}…`;
}

function openFromAddress() {
  const id = new URLSearchParams(location.search).get('id');
  if (id) open(id);
}

addEventListener('popstate', openFromAddress);
openFromAddress();
client.connect();
