// npm `ws` as a server on loopback that does what the path asks for, for the table of endings. Prints "listening PORT", and for each
// connection "closed READ CODE": the number of messages that it read, and the code that it was told.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const messages = 10;
const patient = new WebSocketServer({ noServer: true });
const hasty = new WebSocketServer({ noServer: true, closeTimeout: 500 });
const server = createServer();
server.on('upgrade', (request, socket, head) => {
  const sockets = request.url === '/closes-hastily' ? hasty : patient;
  sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, request));
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));

const ends = {
  closes: (socket) => socket.close(4000, 'done'),
  'closes-hastily': (socket) => socket.close(4000, 'done'),
  // A handler that throws ends the process; what an application does instead is to close with what says so.
  throws: (socket) => socket.close(1011),
  aborts: (socket) => socket.terminate(),
};

function serve(socket, request) {
  const name = request.url.slice(1);
  let read = 0;
  socket.on('error', () => {});
  socket.on('close', (code) => console.log(`closed ${read} ${code}`));
  socket.on('message', (data, isBinary) => {
    read++;
    if (name === 'sends') {
      for (let i = 0; i < 64; i++) socket.send(Buffer.alloc(64 * 1024));
      socket.close(1000);
    } else if (name === 'answers' || read <= messages) {
      socket.send(data, { binary: isBinary });
      if (read === messages) ends[name]?.(socket);
    }
  });
}
