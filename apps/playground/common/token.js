import { byId } from './dom.js';

/** The token of a page's first attempt: that of its address (`?token=`), else the one that a server without a key takes from anybody. */
export const firstToken = new URLSearchParams(location.search).get('token') || 'valid-token';

/** Whether a connection has ended because the server does not take its token. */
export const isTokenRefused = ({ state, reason }) => state === 'closed' && /authentication|token/i.test(reason);

/** The token to sign in with: the one in the page's field, once there is one. */
export const accessToken = () => byId('token').value.trim() || firstToken;

/** Shows the field for a token. It keeps its text until the page is left. */
export function askForToken() {
  byId('token-field').hidden = false;
  byId('token').select();
  byId('problem').textContent = byId('token').value || firstToken !== 'valid-token' ? 'The server does not take this token.'
    : 'This server wants a token of yours.';
}
