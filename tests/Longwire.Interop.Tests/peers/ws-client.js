// npm `ws` as a client of an echo. node ws-client.js URL CASE [ARGUMENT ...]
// It offers permessage-deflate unless the URL ends with "?uncompressed".
// Prints one line of JSON that says what it saw; ends with 1 and a sentence when that isn't what a client may expect.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { payload } from './payload.js';

const [url, name, ...args] = process.argv.slice(2);
const subprotocols = name === 'subprotocol' ? args : [];
const socket = new WebSocket(url, subprotocols, { maxPayload: 64 * 1024 * 1024, perMessageDeflate: !url.endsWith('?uncompressed') });
const fail = (text) => { console.error(text); process.exit(1); };
socket.on('error', (error) => fail(`error: ${error.message}`));

async function closed() {
  const [code, reason] = await once(socket, 'close');
  return { code, reason: reason.toString() };
}

async function expectEcho(type, expected) {
  const [data, isBinary] = await once(socket, 'message');
  if (isBinary !== (type === 'binary')) fail(`The echo of a ${type} message is ${isBinary ? 'binary' : 'text'}.`);
  if (!data.equals(expected)) fail(`The echo of ${expected.length} bytes is another, of ${data.length} bytes.`);
}

async function leave(result) {
  const closing = closed();
  socket.close(1000);
  return { ...result, ...await closing };
}

const cases = {
  async echo(type, size) {
    const message = payload(type, Number(size));
    socket.send(message, { binary: type === 'binary' });
    await expectEcho(type, message);
    return leave({ bytes: message.length, extensions: socket.extensions });
  },

  async pipelined(count) {
    const messages = Array.from({ length: Number(count) }, (_, i) => `message ${i}`);
    const replies = [];
    socket.on('message', (data) => replies.push(data.toString()));
    for (const message of messages) socket.send(message);
    while (replies.length < messages.length) await once(socket, 'message');
    if (replies.join() !== messages.join()) fail('The echoes are not in order.');
    return leave({ messages: replies.length });
  },

  // A ping between the fragments is answered before the message is whole.
  async fragments(type, size, count) {
    const message = payload(type, Number(size));
    const part = Math.ceil(message.length / Number(count));
    for (let i = 0; i < Number(count); i++) {
      socket.send(message.subarray(i * part, (i + 1) * part), { binary: type === 'binary', fin: i === Number(count) - 1 });
      if (i === 0) {
        socket.ping('between');
        const [answer] = await once(socket, 'pong');
        if (answer.toString() !== 'between') fail(`The pong carries '${answer}'.`);
      }
    }
    await expectEcho(type, message);
    return leave({ bytes: message.length });
  },

  async ping(size) {
    const sent = payload('binary', Number(size));
    socket.ping(sent);
    const [answer] = await once(socket, 'pong');
    if (!answer.equals(sent)) fail(`The pong of ${sent.length} bytes has ${answer.length}.`);
    return leave({ bytes: answer.length });
  },

  async subprotocol() {
    return leave({ subprotocol: socket.protocol });
  },

  async close(code, reason) {
    const closing = closed();
    if (code) socket.close(Number(code), reason);
    else socket.close();
    return closing;
  },
};

await once(socket, 'open');
console.log(JSON.stringify(await cases[name](...args)));
