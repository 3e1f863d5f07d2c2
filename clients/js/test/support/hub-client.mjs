import { HubClient } from 'longwire';

/** A client of a test's hub, and the changes of its state. */
export function connect(hub, options = {}) {
  const client = new HubClient('ws://hub.test/hub', { ...hub.options, random: () => 1, ...options });
  const states = [];
  client.on('state', change => states.push(change));
  return { client, states };
}

/** A client in a room, and the messages and resets it was handed. */
export async function join(hub, options, roomOptions) {
  const { client, states } = connect(hub, options);
  const room = client.room('r', roomOptions), seen = [];
  room.on('message', ({ message }) => seen.push(message));
  room.on('reset', ({ cause }) => seen.push(`reset ${cause}`));
  room.on('left', ({ code, reason }) => seen.push(`left ${code} ${reason}`));
  await room.join();
  return { client, states, room, seen };
}
