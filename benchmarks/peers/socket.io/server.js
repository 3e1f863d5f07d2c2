// npm `socket.io`, set up for speed: WebSockets only, everybody in one room, what one says goes to all of them. node server.js [PORT]
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false, pingInterval: 300_000 });

io.on('connection', (socket) => {
  socket.join('bench');
  socket.on('message', (text) => io.to('bench').emit('message', text));
});
http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', 4096, () => console.log(`listening ${http.address().port}`));
