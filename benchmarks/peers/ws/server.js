// npm `ws`, set up for speed. node server.js PORT [echo|broadcast|deflate] (port 0 picks one):
// messages straight back, or to everybody, or straight back with permessage-deflate as it comes.
import { WebSocket, WebSocketServer } from 'ws';

const kind = process.argv[3] ?? 'echo';
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  perMessageDeflate: kind === 'deflate',
  maxPayload: 64 * 1024 * 1024
});

server.on('listening', () => console.log(`listening ${server.address().port}`));
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    if (kind !== 'broadcast') {
      socket.send(data, { binary: isBinary });
      return;
    }

    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
    }
  });
  socket.on('error', () => socket.terminate());
});
