/**
 * Judges what was received: each message once, in order, none missing unless a reset was told in between, up to the last that was sent.
 * Returns what is wrong, the first first.
 */
export function judge(received, last, { mayReset = false } = {}) {
  const wrong = [];
  let expected = 1;
  for (const item of received) {
    if (item === 'reset') {
      if (!mayReset) wrong.push(`a reset before ${expected}`);
      expected = undefined;
    } else if (expected !== undefined && item !== expected) {
      wrong.push(item < expected ? `${item} twice, or late` : `${expected} to ${item - 1} missing`);
      expected = Math.max(item, expected - 1) + 1;
    } else expected = item + 1;
  }
  if (expected !== last + 1) wrong.push(`it ends before ${last}`);
  return wrong;
}
