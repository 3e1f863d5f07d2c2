// How a ship moves, in whole numbers, step by step as the server's Ship does: so that the page comes to the same places ahead of it.

export const Size = 65_536;
export const Radius = 192;
const Straight = 7;
const Diagonal = 5;
const Friction = 16;

/** The ship after one step with these keys: 1 left, 2 right, 4 up, 8 down. */
export function step({ x, y, speedX, speedY }, keys) {
  const right = (keys >> 1 & 1) - (keys & 1);
  const down = (keys >> 3 & 1) - (keys >> 2 & 1);
  const thrust = right && down ? Diagonal : Straight;
  const [newX, newSpeedX] = move(x, speedX, right * thrust);
  const [newY, newSpeedY] = move(y, speedY, down * thrust);
  return { x: newX, y: newY, speedX: newSpeedX, speedY: newSpeedY };
}

function move(place, before, thrust) {
  let speed = before + thrust;
  speed -= Math.trunc(speed / Friction);
  const next = place + speed;
  if (next < Radius) return [Radius, Math.trunc(-speed / 2)];
  if (next > Size - 1 - Radius) return [Size - 1 - Radius, Math.trunc(-speed / 2)];
  return [next, speed];
}
