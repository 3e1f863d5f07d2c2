// npm `ws` as a client of an echo with whatever options of permessage-deflate. Reads lines of JSON, {"id", "url", "options"}, has the conversation
// on a connection for each, and answers {"id", "extensions", "sent", "received", "code"}, with the bytes on the wire of each
// message, or {"id", "error"}.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { conversation } from './conversation.js';

async function converse(url, options) {
  const socket = new WebSocket(url, { perMessageDeflate: options });
  let extensions = '';
  socket.on('upgrade', (response) => { extensions = response.headers['sec-websocket-extensions'] ?? ''; });
  await once(socket, 'open');
  const stream = socket._socket;
  const sent = [];
  const received = [];
  let { bytesRead, bytesWritten } = stream;
  for (const { data, binary } of conversation) {
    const answered = once(socket, 'message');
    socket.send(data, { binary });
    const [answer, isBinary] = await answered;
    if (isBinary !== binary || !answer.equals(data)) throw new Error(`The echo of ${data.length} bytes is another, of ${answer.length}.`);
    sent.push(stream.bytesWritten - bytesWritten);
    received.push(stream.bytesRead - bytesRead);
    ({ bytesRead, bytesWritten } = stream);
  }
  const closed = once(socket, 'close');
  socket.close(1000);
  const [code] = await closed;
  return { extensions, sent, received, code };
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, url, options } = JSON.parse(line);
  const result = await converse(url, options).catch((error) => ({ error: error.message }));
  console.log(JSON.stringify({ id, ...result }));
}).on('close', () => process.exit());
