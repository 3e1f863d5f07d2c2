// When to come back after a close, and when to stay away. Pure: no clock, no socket.

const FirstDelay = 500;
const LongestDelay = 30_000;
const CrowdedDelay = 5_000;

/**
 * Milliseconds to wait before attempt number `attempt` (from 0). Doubles up to 30 s; the upper half is random, so that
 * the clients of a restarted server don't all return in one moment.
 */
export function delayBefore(attempt, random = Math.random()) {
  const ceiling = Math.min(LongestDelay, FirstDelay * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling * (0.5 + random / 2));
}

/** A wait the server asked for, spread a little for the same reason. */
export function spread(milliseconds, random = Math.random()) {
  return Math.round(milliseconds * (1 + random * 0.25));
}

const come = (text, atLeast = 0) => ({ comeBack: true, atLeast, text, wantsToken: false });
const stay = (text, wantsToken = false) => ({ comeBack: false, atLeast: 0, text, wantsToken });

/** What a close code and its reason mean for this client. */
export function verdict(code, reason) {
  switch (code) {
    case 1000: return stay('The server ended the connection.');
    case 1001: return come('The server is going away.');
    case 1008:
      if (reason === 'Server full') return come('The server is full.', CrowdedDelay);
      if (reason === 'Origin not allowed') return stay('This server does not accept connections from this page.');
      if (/authentication/i.test(reason)) return stay('The server refused the access token.', true);
      return stay(reason ? `The server refused the connection: ${reason}.` : 'The server refused the connection.');
    case 1009: return come('A message was too big for the server.');
    case 1002:
    case 1003:
    case 1007:
    case 1010: return stay(`Server and page do not understand each other (code ${code}).`);
    case 1011: return come('The server had an internal error.', CrowdedDelay);
    case 1012: return come('The server is restarting.');
    case 1013: return come('The server is busy.', CrowdedDelay);
    case 4001: return stay('This conversation was opened somewhere else.');
    case 4002: return stay('You were removed by the server.');
    case 4003: return stay('The access token has expired.', true);
    case 4008: return come('The connection was too slow.');
    default: return code >= 4000
      ? stay(`The server ended the connection (code ${code}).`)
      : come('The connection was lost.');
  }
}
