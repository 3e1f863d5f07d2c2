// npm `ws` as an echoing client of `longwire conform client`: node ws-conform.js ws://127.0.0.1:9001
import { once } from 'node:events';
import { WebSocket } from 'ws';

const base = process.argv[2];

async function ask(path) {
  const socket = new WebSocket(base + path);
  let answer = '';
  socket.on('message', (data) => { answer += data; });
  await once(socket, 'close');
  return answer;
}

async function echo(path) {
  const socket = new WebSocket(base + path, { maxPayload: 64 * 1024 * 1024, maxFragments: 131072 });
  socket.on('error', () => {}); // some of the cases are about errors
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  // Not by once(), which an error ends.
  await new Promise((closed) => socket.on('close', closed));
}

const count = Number(await ask('/getCaseCount'));
for (let number = 1; number <= count; number++) await echo(`/runCase?case=${number}&agent=ws`);
await ask('/updateReports?agent=ws');
