// npm `ws` as an echo server on loopback. Prints "listening PORT", and for each connection "subprotocol NAME",
// "opened EXTENSIONS" and "closed CODE REASON". It speaks "superchat" and "chat", and insists on none.
// A text message that begins with "!" is an order: !close CODE REASON, !end, !ping TEXT, !fragments COUNT SIZE.
import { WebSocketServer } from 'ws';
import { payload } from './payload.js';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 64 * 1024 * 1024,
  perMessageDeflate: true,
  handleProtocols: (offered) => ['superchat', 'chat'].find((name) => offered.has(name)) ?? false,
});
server.on('listening', () => console.log(`listening ${server.address().port}`));

const orders = {
  close: (socket, code, ...reason) => (code ? socket.close(Number(code), reason.join(' ')) : socket.close()),
  end: (socket) => socket.terminate(),
  ping: (socket, text) => {
    socket.once('pong', (answer) => socket.send(`pong ${answer}`));
    socket.ping(text);
  },
  fragments: (socket, count, size) => {
    const message = payload('text', Number(size));
    const part = Math.ceil(message.length / Number(count));
    for (let i = 0; i < Number(count); i++) {
      socket.send(message.subarray(i * part, (i + 1) * part), { binary: false, fin: i === Number(count) - 1 });
      socket.ping('between');
    }
  },
};

server.on('connection', (socket) => {
  console.log(`subprotocol ${socket.protocol}`);
  console.log(`opened ${socket.extensions}`);
  socket.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
  socket.on('error', (error) => console.log(`error ${error.message}`));
  socket.on('message', (data, isBinary) => {
    const [name, ...args] = !isBinary && data[0] === 0x21 ? data.toString().slice(1).split(' ') : [];
    if (name) orders[name](socket, ...args);
    else socket.send(data, { binary: isBinary });
  });
});
