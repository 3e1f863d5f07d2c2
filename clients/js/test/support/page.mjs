// Functions that tests run in a page: each is sent there as text, so that it refers to nothing outside of itself.

/** Makes a client in a room, and notes what it is handed and what becomes of the page. */
export async function openRoom(url, options, name, roomOptions) {
  const client = (window.client = new longwire.HubClient(url, options));
  const room = (window.room = client.room(name, roomOptions));
  window.seen = [];
  window.log = [];
  const note = text => window.log.push(text);
  for (const type of ['pagehide', 'pageshow', 'online', 'offline']) addEventListener(type, event => note(`${type} ${event.persisted ?? ''}`.trim()));
  for (const type of ['freeze', 'resume', 'visibilitychange']) document.addEventListener(type, () => note(type));
  client.on('state', ({ state }) => note(state));
  room.on('message', ({ message }) => window.seen.push(message.number ?? message));
  room.on('reset', ({ cause }) => window.seen.push(`reset ${cause}`));
  await room.join();
}

/** Wakes the page after so long: its clock jumps, as the machine's does in sleep. */
export function sleepFor(milliseconds) {
  const now = Date.now;
  Date.now = () => now() + milliseconds;
}
