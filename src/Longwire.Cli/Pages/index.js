import { byId, make, socketAddress } from './dom.js';
import { EchoConsole } from './echo-console.js';

const host = location.host || 'this address';
const hub = socketAddress('ws').href.replace(/\?.*$/, '');
const root = socketAddress('./').href.replace(/\?.*$/, '');
const echo = socketAddress('echo').href.replace(/\?.*$/, '');

byId('host').textContent = host;

const texts = {
  'address-ws': hub,
  'address-root': root,
  'address-echo': echo,
  'line-longwire': `longwire connect ${echo}`,
  'line-wscat': `npx wscat -c ${echo}`,
  'line-echo': [
    `const socket = new WebSocket('${echo}');`,
    'socket.onopen = () => socket.send(\'hello\');',
    'socket.onmessage = (event) => console.log(event.data);',
  ].join('\n'),
  'line-hub': [
    `const socket = new WebSocket('${hub}');`,
    'const send = (request) => socket.send(JSON.stringify(request));',
    'socket.onmessage = (event) => console.log(JSON.parse(event.data));',
    'socket.onopen = () => {',
    '  send({ type: \'auth\', token: \'valid-token\', username: \'you\' });',
    '  send({ type: \'join-room\', room: \'general\' });',
    '  send({ type: \'message\', room: \'general\', content: \'hello\' });',
    '};',
  ].join('\n'),
};

for (const [id, text] of Object.entries(texts)) byId(id).textContent = text;

for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const source = byId(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = 'Copied';
      byId('copied').textContent = 'Copied';
    } catch {
      // Without TLS a browser offers no clipboard except on localhost: then the text is selected, ready for the keys.
      getSelection().selectAllChildren(source);
      button.textContent = 'Selected';
      byId('copied').textContent = 'Selected';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
      byId('copied').textContent = '';
    }, 1_500);
  });
}

new EchoConsole();
