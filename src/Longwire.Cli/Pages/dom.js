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
