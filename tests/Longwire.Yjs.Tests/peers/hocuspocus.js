// @hocuspocus/provider puts the document's name before each message, which is a framing of its own. Prints how the server closes.
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import * as Y from 'yjs'
import WebSocket from 'ws'

const websocketProvider = new HocuspocusProviderWebsocket({ url: process.argv[2], WebSocketPolyfill: WebSocket, maxAttempts: 1 })
const provider = new HocuspocusProvider({ name: 'doc', document: new Y.Doc(), websocketProvider })
provider.attach?.()
websocketProvider.on('close', ({ event }) => {
  console.log(`closed ${event.code} ${event.reason}`)
  process.exit(0)
})
