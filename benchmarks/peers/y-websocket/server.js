// The server of y-websocket 2.1, on a port that is free.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { WebSocketServer } from 'ws'

const { setupWSConnection } = createRequire(import.meta.url)('y-websocket/bin/utils')
const server = createServer()
const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', setupWSConnection)
server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, opened => sockets.emit('connection', opened, request)))
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`listening ${server.address().port}`))
