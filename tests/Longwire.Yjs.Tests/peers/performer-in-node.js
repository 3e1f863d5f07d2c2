// A client in Node: npm's yjs and y-websocket as they are.
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import WebSocket from 'ws'
import { perform } from './performer.js'

globalThis.WebSocket = WebSocket
const [origin, name, document, key] = process.argv.slice(2)
const doc = new Y.Doc()
const provider = new WebsocketProvider(`${origin.replace('http', 'ws')}/yjs`, document, doc, { params: key ? { key } : {}, disableBc: true })
perform(origin, name, { Y, doc, text: doc.getText('text'), provider })
