import { byId, make, showState, socketAddress } from '../common/dom.js';
import { EditorState, EditorView, WebsocketProvider, Y, defaultKeymap, drawSelection, keymap, placeholder, yCollab, yUndoManagerKeymap } from '../vendor/editing.js';

const Welcome = 'welcome';
const StoredName = 'longwire.name';

// The looks of what CodeMirror makes. It lives in a shadow root, whose style sheets are objects: the page's policy forbids those written into it.
const looks = EditorView.theme({
  '&': { minHeight: '22rem', color: 'var(--ink)', fontSize: '1.0625rem' },
  '&.cm-focused': { outline: '2px solid var(--live)', outlineOffset: '2px', borderRadius: '10px' },
  '.cm-scroller': { fontFamily: 'var(--sans)', lineHeight: '1.65' },
  '.cm-content': { minHeight: '22rem', padding: '1.25rem 1.5rem' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--live-soft)' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-ySelectionInfo': { padding: '0.05rem 0.35rem', borderRadius: '4px 4px 4px 0', fontFamily: 'var(--sans)', fontWeight: '600', opacity: '1' },
});

const name = new URLSearchParams(location.search).get('document') || Welcome;
const doc = new Y.Doc();
const text = doc.getText('text');
// Tabs of a browser could also tell each other; here all goes by the server, so that what is seen is what it does.
const provider = new WebsocketProvider(socketAddress('yjs').href, encodeURIComponent(name), doc, { disableBc: true });

// The name

function recall() {
  try { return JSON.parse(localStorage.getItem(StoredName)); } catch { return null; }
}

function keep(value) {
  try { localStorage.setItem(StoredName, JSON.stringify(value)); } catch { /* Not kept, then. */ }
}

// From blue over red to orange: white is read on each.
const color = `hsl(${200 + doc.clientID % 180} 60% 38%)`;
byId('name').value = recall() ?? `Guest ${doc.clientID % 1_000}`;

function sayName() {
  provider.awareness.setLocalStateField('user', { name: byId('name').value, color, colorLight: color.replace(')', ' / 25%)') });
}

byId('name').addEventListener('input', ({ target }) => {
  keep(target.value);
  sayName();
});
sayName();

function showPeople() {
  const people = [...provider.awareness.getStates().values()].filter(({ user }) => user);
  byId('people').replaceChildren(...people.map(({ user }) => {
    const person = make('li', {}, user.name || 'Somebody');
    person.style.background = user.color;
    return person;
  }));
}

provider.awareness.on('change', showPeople);
showPeople();

// The line

function showLine() {
  const isWanted = provider.shouldConnect;
  const state = provider.wsconnected ? 'open' : !isWanted ? 'closed' : provider.wsUnsuccessfulReconnects ? 'reconnecting' : 'connecting';
  showState(state);
  byId('line').textContent = isWanted ? 'Go offline' : 'Come back';
  byId('outlook').textContent = state === 'open' ? '' : isWanted ? 'The server is not there now. What you write waits here.'
    : 'You are offline. What you write waits here, and the others don\'t see it yet.';
}

provider.on('status', showLine);
provider.on('connection-close', showLine);
byId('line').addEventListener('click', () => {
  if (provider.shouldConnect) provider.disconnect();
  else provider.connect();
  showLine();
});
showState('connecting');

// The text

const view = new EditorView({
  parent: byId('paper').attachShadow({ mode: 'open' }),
  root: byId('paper').shadowRoot,
  state: EditorState.create({
    doc: text.toString(),
    extensions: [
      looks, drawSelection(), EditorView.lineWrapping, placeholder('Write here'),
      EditorView.contentAttributes.of({ 'aria-label': 'Document' }),
      keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
      yCollab(text, provider.awareness, { undoManager: new Y.UndoManager(text) }),
    ],
  }),
});

byId('new').href = `editor?document=${crypto.randomUUID().slice(0, 13)}`;

// For whoever looks from the console, and for tests.
globalThis.editor = { doc, text, provider, view };
