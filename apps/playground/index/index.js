import { byId, socketAddress } from '../common/dom.js';
import { programs } from './programs.js';
import { Story } from './story.js';
import { Wire } from './wire.js';

byId('host').textContent = location.host;

// The wire

const wire = new Wire(socketAddress('echo'));
byId('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const word = byId('word').value;
  try {
    const { milliseconds, connected } = await wire.send(word);
    const told = milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds);
    byId('answer').textContent = `“${word}” came back in ${told} ms${connected ? ', over a connection opened for it. Send another.' : '.'}`;
  } catch {
    byId('answer').textContent = 'The server does not answer. Is it running?';
  }
});

// The story

const story = new Story();
byId('story-play').addEventListener('click', () => {
  if (story.isPlaying) story.stop();
  else story.play();
});
story.addEventListener('change', () => { byId('story-play').textContent = story.isPlaying ? 'Stop' : story.isOver ? 'Play again' : 'Play'; });
if (story.isStill) {
  story.showEnd();
} else {
  // It begins when it is seen for the first time.
  const sight = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    sight.disconnect();
    story.play();
  }, { threshold: 0.6 });
  sight.observe(document.querySelector('.lanes'));
}

// The programs

const tabs = [...document.querySelectorAll('[role="tab"]')];

function choose(tab) {
  for (const other of tabs) {
    other.setAttribute('aria-selected', String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  const { text, how } = programs[tab.dataset.program];
  byId('program').setAttribute('aria-labelledby', tab.id);
  byId('program-text').textContent = text;
  byId('how').textContent = how;
}

for (const tab of tabs) {
  tab.addEventListener('click', () => choose(tab));
  tab.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step) % tabs.length];
    choose(next);
    next.focus();
  });
}
choose(tabs[0]);

byId('copy').addEventListener('click', async () => {
  const source = byId('program-text');
  let done = 'Copied';
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // Without TLS a browser offers no clipboard except on localhost: then the text is selected, ready for the keys.
    getSelection().selectAllChildren(source);
    done = 'Selected';
  }
  byId('copy').textContent = done;
  byId('copied').textContent = done;
  setTimeout(() => {
    byId('copy').textContent = 'Copy';
    byId('copied').textContent = '';
  }, 1_500);
});
