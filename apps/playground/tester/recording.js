const MostKept = 1_000;
const Opcodes = { text: 1, binary: 2 };

/** The messages of one connection, and the events beside them. */
export class Recording {
  rows = [];
  address = '';
  startedAt = 0;

  begin(address) {
    this.address = address;
    this.startedAt = Date.now();
  }

  message(direction, data, trip = null) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;
    return this.#add({ direction, data, bytes, opcode: typeof data === 'string' ? 'text' : 'binary', trip });
  }

  event(text, isTrouble = false) { return this.#add({ text, isTrouble }); }

  #add(row) {
    this.rows.push({ ...row, at: Date.now() });
    if (this.rows.length > MostKept) this.rows.shift();
    return this.rows.at(-1);
  }

  /** As HTTP Archive 1.2, with messages as browsers write them: `_webSocketMessages`. */
  toHar() {
    const messages = this.rows.filter(({ opcode }) => opcode).map(({ direction, data, opcode, at }) => ({
      type: direction === 'sent' ? 'send' : 'receive', time: at / 1_000, opcode: Opcodes[opcode],
      data: typeof data === 'string' ? data : btoa(String.fromCharCode(...new Uint8Array(data))),
    }));
    const ended = this.rows.at(-1)?.at ?? this.startedAt;
    const headers = [{ name: 'Upgrade', value: 'websocket' }, { name: 'Connection', value: 'Upgrade' }];
    return {
      log: {
        version: '1.2', creator: { name: 'Longwire', version: '0.1.0' }, pages: [],
        entries: [{
          startedDateTime: new Date(this.startedAt).toISOString(), time: ended - this.startedAt, cache: {},
          request: { method: 'GET', url: this.address, httpVersion: 'HTTP/1.1', headers, cookies: [], queryString: [], headersSize: -1, bodySize: 0 },
          response: {
            status: 101, statusText: 'Switching Protocols', httpVersion: 'HTTP/1.1', headers, cookies: [], redirectURL: '', headersSize: -1, bodySize: -1,
            content: { size: 0, mimeType: 'x-unknown' },
          },
          timings: { send: 0, wait: 0, receive: ended - this.startedAt },
          _resourceType: 'websocket', _webSocketMessages: messages,
        }],
      },
    };
  }
}
