// npm `ws` as the server of a game without a world: node snapshots.js PORT BYTES (port 0 picks one) sends each client a message of so many bytes
// 60 times a second. GET /begin forgets the clock's turns so far, GET /ticks says how many a second, and how far 99 of 100 were at most from even, in ms.
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const Period = 1000 / 60;
const bytes = Number(process.argv[3] ?? 1000);
let times = [];

function judge() {
  const between = times.slice(1).map((time, index) => time - times[index]);
  const mean = between.reduce((sum, time) => sum + time, 0) / between.length;
  const off = between.map((time) => Math.abs(time - mean)).sort((one, other) => one - other);
  return `${1000 / mean} ${off[Math.ceil(off.length * 0.99) - 1]}`;
}

const http = createServer((request, response) => {
  if (request.url === '/begin') times = [];
  response.end(request.url === '/ticks' ? judge() : '');
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => socket.on('error', () => socket.terminate()));
http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`listening ${http.address().port}`));

// A timer of Node counts whole milliseconds: each turn aims at when the next one is due.
let due = performance.now() + Period;
function tick() {
  times.push(performance.now());
  // Each player sees something else, so nothing is framed once for all.
  for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(Buffer.alloc(bytes, times.length & 255), { binary: true });
  due += Period;
  setTimeout(tick, Math.max(0, due - performance.now()));
}

setTimeout(tick, Period);
