// npm `ws` as an echo server whose options of permessage-deflate each connection chooses for itself: they are the JSON in the query of
// its URL. Prints "listening PORT", and for each connection, when it has ended, one line of JSON: {"id", "sent", "received", "code"}, with the bytes on the
// wire of each message that it sent and received.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const http = createServer().listen(0, '127.0.0.1', () => console.log(`listening ${http.address().port}`));

http.on('upgrade', (request, stream, head) => {
  const { id, options } = JSON.parse(decodeURIComponent(request.url.split('?')[1]));
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: options });
  server.handleUpgrade(request, stream, head, (socket) => {
    const seen = { id, sent: [], received: [] };
    let { bytesRead, bytesWritten } = stream;
    socket.on('message', (data, binary) => {
      seen.received.push(stream.bytesRead - bytesRead);
      bytesRead = stream.bytesRead;
      socket.send(data, { binary }, () => {
        seen.sent.push(stream.bytesWritten - bytesWritten);
        bytesWritten = stream.bytesWritten;
      });
    });
    socket.on('error', (error) => { seen.error = error.message; });
    socket.on('close', (code) => console.log(JSON.stringify({ ...seen, code })));
  });
});
