// Text reaches the page only as text nodes and attribute values that this code chose itself, so nothing that a
// member writes can become markup.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children);
  return node;
}

export const byId = (id) => document.getElementById(id);

export const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

const calendar = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

/** The name of a timestamp's day, as a reader would say it now. */
export function dayName(timestamp) {
  const day = new Date(timestamp).toDateString();
  if (day === new Date().toDateString()) return 'Today';
  if (day === new Date(Date.now() - 86_400_000).toDateString()) return 'Yesterday';
  return calendar.format(timestamp);
}

/** The WebSocket address of a path of this server; relative, so that it holds behind a path prefix and TLS too. */
export function socketAddress(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  return address;
}

const States = { open: 'online', connecting: 'connecting', reconnecting: 'reconnecting', idle: 'offline', closed: 'offline' };

/** Shows a client's state in the bar. */
export function showState(state) {
  byId('state').hidden = false;
  byId('state').dataset.state = States[state];
  byId('state-text').textContent = States[state];
}

// Where the bar is wider than a phone, this page's name in it would be out of sight.
const bar = document.querySelector('.pages');
const here = bar.querySelector('[aria-current]');
if (here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
