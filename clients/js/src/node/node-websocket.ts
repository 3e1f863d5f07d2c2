import { createHash, randomBytes } from 'node:crypto';
import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import { defineHandlers } from '../socket/handlers.js';
import { FrameReader, MaxMessageBytes, Opcode, ProtocolError, encodeFrame } from './frames.js';

// Every opening handshake adds this to the key (RFC 6455 §1.3).
const Guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CloseTimeout = 5_000;

interface Loss {
  code: number;
  reason: string;
  wasClean: boolean;
  status?: number;
  retryAfter?: number;
}

/**
 * The browser's WebSocket for Node, on Node's HTTP client. Beside a browser's it pings, tells when anything is received, and shows the
 * status of a refused handshake. Extensions are not offered.
 */
export class NodeWebSocket extends EventTarget {
  static { defineHandlers(this.prototype, ['open', 'message', 'close', 'error']); }
  declare onopen: ((event: Event) => unknown) | null;
  declare onmessage: ((event: MessageEvent) => unknown) | null;
  declare onclose: ((event: CloseEvent) => unknown) | null;
  declare onerror: ((event: Event) => unknown) | null;

  readyState = 0;
  binaryType: 'blob' | 'arraybuffer' = 'blob';
  protocol = '';
  readonly extensions = '';
  readonly url: string;
  /** Called for whatever is received, parts of messages and pongs included. */
  onheard?: () => void;

  readonly #request: ClientRequest;
  readonly #frames = new FrameReader();
  #socket: Socket | undefined;
  #message: Buffer[] = [];
  #messageBytes = 0;
  #opcode = 0;
  #received: { code: number; reason: string } | undefined;
  #hasSentClose = false;
  #sending: Promise<void> | undefined;
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string | URL, protocols: string | string[] = []) {
    super();
    this.url = String(url);
    const offered = [protocols].flat();
    const key = randomBytes(16).toString('base64');
    const address = this.url.replace(/^ws/, 'http');
    this.#request = (address.startsWith('https:') ? requestTls : requestPlain)(address, {
      agent: false,
      headers: {
        Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key,
        ...(offered.length && { 'Sec-WebSocket-Protocol': offered.join(', ') }),
      },
    });
    this.#request.on('upgrade', (response, socket, head) => this.#open(response, socket as Socket, head, key, offered));
    this.#request.on('response', response => this.#refused(response));
    this.#request.on('error', error => this.#lose({ code: 1006, reason: error.message, wasClean: false }));
    this.#request.end();
  }

  get bufferedAmount(): number { return this.#waitingBytes + (this.#socket?.writableLength ?? 0); }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.readyState === 0) throw new DOMException('Still connecting.', 'InvalidStateError');
    if (this.readyState > 1) return;
    if (data instanceof Blob || this.#sending) this.#sendLater(data);
    else this.#sendNow(data);
  }

  /** Sends a ping, which a server answers with a pong. */
  ping(): void {
    if (this.readyState === 1) this.#write(Opcode.Ping, new Uint8Array());
  }

  close(code?: number, reason = ''): void {
    if (this.readyState > 1) return;
    const wasOpen = this.readyState === 1;
    this.readyState = 2;
    if (!wasOpen) {
      this.#request.destroy();
      setImmediate(() => this.#lose({ code: 1006, reason: '', wasClean: false }));
      return;
    }
    void (this.#sending ?? Promise.resolve()).then(() => this.#sendClose(code, reason));
    this.#timer = setTimeout(() => this.#socket?.destroy(), CloseTimeout);
  }

  #open(response: IncomingMessage, socket: Socket, head: Buffer, key: string, offered: string[]): void {
    const { 'sec-websocket-accept': accept, 'sec-websocket-protocol': protocol = '', 'sec-websocket-extensions': extensions } =
      response.headers as Record<string, string | undefined>;
    const expected = createHash('sha1').update(key + Guid).digest('base64');
    if (response.statusCode !== 101 || accept !== expected || extensions || (protocol && !offered.includes(protocol))) {
      socket.destroy();
      this.#lose({ code: 1006, reason: 'The answer to the handshake is not valid.', wasClean: false });
      return;
    }
    if (this.readyState > 1) return void socket.destroy();
    this.#socket = socket;
    this.protocol = protocol;
    this.readyState = 1;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.on('data', bytes => this.#receive(bytes));
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#lose({ ...(this.#received ?? { code: 1006, reason: '' }), wasClean: !!this.#received }));
    this.dispatchEvent(new Event('open'));
    if (head.length) this.#receive(head);
  }

  #refused(response: IncomingMessage): void {
    const after = response.headers['retry-after'];
    const retryAfter = after === undefined ? undefined : /^\d+$/.test(after) ? 1000 * Number(after) : Date.parse(after) - Date.now();
    response.destroy();
    this.#lose({
      code: 1006, reason: `The server refused the handshake with status ${response.statusCode}.`, wasClean: false,
      status: response.statusCode!,
      ...(retryAfter !== undefined && !Number.isNaN(retryAfter) && { retryAfter: Math.max(0, retryAfter) }),
    });
  }

  #receive(bytes: Buffer): void {
    this.onheard?.();
    try {
      this.#frames.add(bytes);
      for (let frame; !this.#received && (frame = this.#frames.next()); ) this.#take(frame.opcode, frame.fin, frame.payload);
    } catch (error) {
      const { code, message } = error instanceof ProtocolError ? error : new ProtocolError(1007, 'Text is UTF-8.');
      this.readyState = 2;
      this.#sendClose(code, message);
      this.#socket!.end();
      this.#timer ??= setTimeout(() => this.#socket?.destroy(), CloseTimeout);
    }
  }

  #take(opcode: number, fin: boolean, payload: Buffer): void {
    if (opcode === Opcode.Ping) return this.readyState === 1 ? this.#write(Opcode.Pong, payload) : undefined;
    if (opcode === Opcode.Pong) return;
    if (opcode === Opcode.Close) return this.#takeClose(payload);
    if ((opcode === Opcode.Continuation) !== this.#opcode > 0) throw new ProtocolError(1002, 'Fragments follow each other.');
    if (opcode !== Opcode.Continuation) this.#opcode = opcode;
    this.#messageBytes += payload.length;
    if (this.#messageBytes > MaxMessageBytes) throw new ProtocolError(1009, 'The message is too big.');
    this.#message.push(payload);
    if (!fin) return;
    const whole = this.#message.length === 1 ? payload : Buffer.concat(this.#message);
    const isText = this.#opcode === Opcode.Text;
    this.#message = [];
    this.#messageBytes = this.#opcode = 0;
    const data = isText ? textOf(whole) : this.binaryType === 'blob' ? new Blob([whole as BlobPart]) : bufferOf(whole);
    this.dispatchEvent(new MessageEvent('message', { data, origin: new URL(this.url).origin }));
  }

  #takeClose(payload: Buffer): void {
    if (payload.length === 1) throw new ProtocolError(1002, 'A close code has two bytes.');
    const code = payload.length ? payload.readUInt16BE(0) : 1005;
    if (payload.length && !isValid(code)) throw new ProtocolError(1002, 'The close code is not valid.');
    this.#received = { code, reason: textOf(payload.subarray(2)) };
    this.readyState = 2;
    this.#sendClose(payload.length ? code : undefined, '');
    this.#socket!.end();
    // The server ends the TCP connection (RFC 6455 §7.1.1).
    this.#timer ??= setTimeout(() => this.#socket?.destroy(), CloseTimeout);
  }

  #sendClose(code: number | undefined, reason: string): void {
    if (this.#hasSentClose) return;
    const payload = Buffer.alloc(code === undefined ? 0 : 2 + Buffer.byteLength(reason));
    if (code !== undefined) {
      payload.writeUInt16BE(code, 0);
      payload.write(reason, 2);
    }
    this.#write(Opcode.Close, payload);
    this.#hasSentClose = true;
  }

  #sendNow(data: string | ArrayBufferLike | ArrayBufferView): void {
    if (typeof data === 'string') this.#write(Opcode.Text, Buffer.from(data));
    else if (ArrayBuffer.isView(data)) this.#write(Opcode.Binary, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    else this.#write(Opcode.Binary, new Uint8Array(data));
  }

  /** A blob is read first, and what is sent meanwhile waits behind it. */
  #sendLater(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    const size = typeof data === 'string' ? Buffer.byteLength(data) : data instanceof Blob ? data.size : data.byteLength;
    const copy = data instanceof Blob ? data.arrayBuffer() : typeof data === 'string' ? data : structuredClone(data);
    this.#waitingBytes += size;
    const sending: Promise<void> = (this.#sending ?? Promise.resolve()).then(async () => {
      this.#sendNow(await copy);
      this.#waitingBytes -= size;
      if (this.#sending === sending) this.#sending = undefined;
    });
    this.#sending = sending;
  }

  #write(opcode: number, payload: Uint8Array): void {
    if (!this.#hasSentClose && this.#socket?.writable) this.#socket.write(encodeFrame(opcode, payload));
  }

  #lose(loss: Loss): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    clearTimeout(this.#timer);
    this.#request.on('error', () => {});
    this.#socket?.destroy();
    if (!loss.wasClean) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(Object.assign(new Event('close'), loss));
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function bufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer as ArrayBuffer;
}

function isValid(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}
