import { byId } from '../common/dom.js';

/**
 * Exchanges what the visitor may do for tickets, each of which signs one session in. An administrator's token is kept in a variable alone: a
 * storage would outlive the page, and whatever else runs at this address could read it there. It goes into one header, and into no address.
 */
export class Access {
  #token = '';
  #first = null;
  #given = null;

  /** Whether the load button is for this visitor. */
  mayLoad = false;

  constructor() {
    byId('in-clear').hidden = isSecureContext;
    byId('give-token').addEventListener('click', () => this.#open(''));
    byId('ask-cancel').addEventListener('click', () => byId('ask').close());
    byId('ask').addEventListener('close', () => { byId('give-token').hidden = !this.#given; });
    byId('ask-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#token = byId('token').value.trim();
      this.#given?.();
    });
  }

  /** Resolves when the visitor has what it takes, asking for the token if need be; with false where nobody has. */
  async enter() {
    for (;;) {
      const { value, isTokenWanted, retryAfter } = await this.#request();
      if (value) {
        this.#first = value;
        this.#given = null;
        byId('token').value = '';
        byId('ask').close();
        return true;
      }
      if (!isTokenWanted) return false;
      const given = new Promise((resolve) => { this.#given = resolve; });
      const problem = retryAfter ? `Too many wrong tokens came from your address. Try again in ${retryAfter} s.` : 'The server does not know this token.';
      this.#open(this.#token && problem);
      await given;
    }
  }

  /** A ticket for each time that the page connects. Where the token is none any more, the page begins again. */
  async ticket() {
    const ticket = this.#first ?? (await this.#request()).value;
    this.#first = null;
    if (!ticket) location.reload();
    return ticket;
  }

  async #request() {
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    const response = await fetch('dashboard/ticket', { method: 'POST', credentials: 'omit', headers });
    const ticket = await response.json();
    this.mayLoad = ticket.mayLoad;
    return { ...ticket, retryAfter: response.headers.get('Retry-After') };
  }

  #open(problem) {
    byId('ask-problem').textContent = problem;
    byId('give-token').hidden = true;
    if (!byId('ask').open) byId('ask').showModal();
    byId('token').select();
  }
}
