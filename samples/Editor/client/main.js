// The page /editor/{document}: CodeMirror on a Yjs document, cursors with names, and who is here.
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import { yCollab } from 'y-codemirror.next'
import { EditorState } from '@codemirror/state'
import { EditorView, basicSetup } from 'codemirror'

const colors = ['#30bced', '#6eeb83', '#ffbc42', '#e36209', '#ee6352', '#9ac2c9', '#8acb88', '#1be7ff'].map(color => ({ color, colorLight: `${color}33` }))
const find = id => document.getElementById(id)

const name = decodeURIComponent(location.pathname.split('/').pop())
const key = new URLSearchParams(location.search).get('key')
const doc = new Y.Doc()
const text = doc.getText('text')
const address = `${location.protocol.replace('http', 'ws')}//${location.host}/yjs`
const provider = new WebsocketProvider(address, encodeURIComponent(name), doc, { params: key === null ? {} : { key } })

const me = { ...colors[doc.clientID % colors.length], name: localStorage.getItem('name') || `Guest ${doc.clientID % 1000}` }
provider.awareness.setLocalStateField('user', me)
find('name').value = me.name
find('name').addEventListener('input', event => {
  me.name = event.target.value
  localStorage.setItem('name', me.name)
  provider.awareness.setLocalStateField('user', { ...me })
})

const showPeople = () => {
  const people = [...provider.awareness.getStates().values()].filter(state => state.user !== undefined)
  find('people').replaceChildren(...people.map(({ user }) => {
    const person = document.createElement('li')
    person.textContent = user.name
    person.style.background = user.color
    return person
  }))
}
provider.awareness.on('change', showPeople)
showPeople()

// The button shows the state, and a click leaves or comes back.
provider.on('status', ({ status }) => {
  find('connection').textContent = status === 'connected' ? 'Online' : provider.shouldConnect ? 'Connecting' : 'Offline'
})
find('connection').addEventListener('click', () => (provider.shouldConnect ? provider.disconnect() : provider.connect()))
find('read').href = location.pathname

const undoManager = new Y.UndoManager(text)
const reading = [EditorState.readOnly.of(true), EditorView.editable.of(false)]
const view = new EditorView({
  state: EditorState.create({
    doc: text.toString(),
    extensions: [basicSetup, EditorView.lineWrapping, yCollab(text, provider.awareness, { undoManager }), key === null ? reading : []]
  }),
  parent: find('editor')
})
view.contentDOM.setAttribute('aria-label', 'Document')

// For whoever looks from the console, and for tests.
window.editor = { doc, text, provider, view }
