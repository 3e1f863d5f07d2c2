// The document's list of common issues, and which of them fits what was seen.

const Issues = {
  fails: {
    title: 'Connection fails immediately',
    causes: ['Wrong URL (ws:// vs wss://)', 'Server not running', 'Firewall blocking port', 'CORS/Origin mismatch'],
    solutions: ['Check server logs', 'Verify URL and port', 'Check browser console for errors', 'Validate origin on server'],
  },
  drops: {
    title: 'Connection drops frequently',
    causes: ['No heartbeat/ping', 'Idle timeout', 'Network issues', 'Proxy timeout'],
    solutions: ['Implement ping/pong', 'Send periodic messages', 'Reduce ping interval', 'Use wss:// for better stability'],
  },
  unheard: {
    title: 'Messages not received',
    causes: ['Wrong readyState', 'Connection closed', 'Message too large', 'Server not broadcasting'],
    solutions: ['Check socket.readyState === OPEN', 'Add message queuing', 'Split large messages', 'Verify server broadcast logic'],
  },
};

/**
 * The issue that fits an ending, with the likeliest cause named: { title, causes, solutions, likely, said }. Undefined for one that is as it should be.
 * @param seen { address, wasOpen, code, reason, wasClean, idleSeconds, sentWithoutAnswer }
 */
export function diagnose({ address, wasOpen, code, reason, idleSeconds, sentWithoutAnswer }) {
  if (!wasOpen) {
    const isMixed = location.protocol === 'https:' && address.startsWith('ws:');
    return { ...Issues.fails, likely: isMixed ? Issues.fails.causes[0] : null,
      said: isMixed ? 'A page of https: may not open ws:, only wss:.' : 'The browser does not tell a page why; its console says more.' };
  }
  if (code === 1009) return { ...Issues.unheard, likely: 'Message too large', said: 'Closed with 1009: a message was larger than the server takes.' };
  if (code === 1006) {
    return { ...Issues.drops, likely: idleSeconds > 20 ? 'Idle timeout' : 'Network issues',
      said: `The connection broke without a closing handshake (1006), after ${idleSeconds} s without a message.` };
  }
  if (code === 1008 || code >= 4000) {
    return { title: 'The server does not want this connection', causes: [`Closed with ${code}${reason ? `: “${reason}”` : ''}`],
      solutions: ['Validate origin on server', 'Sign in as the server expects', 'Check server logs'], likely: null, said: '' };
  }
  if (sentWithoutAnswer) return { ...Issues.unheard, likely: 'Connection closed', said: 'What was sent last had no answer before the end.' };
  return undefined;
}
