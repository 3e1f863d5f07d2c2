import { byId } from '../common/dom.js';

const PulseDuration = 350;
const OutOfTheWay = 40; // Drawing starts after a near answer has come, so that it isn't measured with it.
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** A socket to an echo, drawn as the wire it is: a bead runs out for what is sent, and back for what is received. */
export class Wire {
  #address;
  #opening = null;

  constructor(address) {
    this.#address = address;
  }

  /** Sends a text, and waits until it is back. */
  async send(text) {
    const connected = !this.#opening;
    const socket = await (this.#opening ??= this.#open());
    const started = performance.now();
    socket.send(text);
    await new Promise((resolve, reject) => {
      socket.onmessage = resolve;
      socket.onclose = reject;
    });
    const milliseconds = performance.now() - started;
    this.#watch(socket);
    setTimeout(() => {
      this.#pulse('normal');
      this.#pulse('reverse', PulseDuration);
    }, OutOfTheWay);
    return { milliseconds, connected };
  }

  #open() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.#address);
      socket.onopen = () => {
        document.querySelector('.wire').classList.add('live');
        resolve(socket);
      };
      this.#watch(socket, reject);
    });
  }

  #watch(socket, lost = () => {}) {
    socket.onclose = (event) => {
      this.#opening = null;
      document.querySelector('.wire').classList.remove('live');
      lost(event);
    };
  }

  #pulse(direction, delay = 0) {
    if (stillness.matches) return;
    const span = byId('span');
    const length = span.getTotalLength();
    const steps = Array.from({ length: 13 }, (_, step) => {
      const point = span.getPointAtLength(length * step / 12);
      return { transform: `translate(${point.x - 14}px, ${point.y - 10}px)`, opacity: step % 12 ? 1 : 0.2 };
    });
    const bead = byId('bead').cloneNode();
    bead.removeAttribute('id');
    span.parentElement.append(bead);
    bead.animate(steps, { duration: PulseDuration, delay, direction, easing: 'ease-in-out' }).finished.then(() => bead.remove(), () => bead.remove());
  }
}
