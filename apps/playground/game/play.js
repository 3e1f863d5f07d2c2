import { HubClient } from '../vendor/longwire.js';
import { Snapshots } from './frames.js';
import { step } from './ship.js';
import { SlowLine } from './slow-line.js';

const StepMilliseconds = 1_000 / 60;
const MostStepsAtOnce = 8;
const InputsAtOnce = 2;
const Behind = 6; // steps: others are shown where they were a tenth of a second ago, between two snapshots that have come
const Kept = 24;
const MostWaiting = 120;

/**
 * The player's side of the game. Steps as the server does; sends what was pressed for each step, and steers its own ship ahead of the
 * answer: when a snapshot comes, the ship is put where the server has it, and what the server has not used yet is done again on top.
 */
export class Play extends EventTarget {
  #client;
  #room;
  #line = new SlowLine();
  #snapshots = new Snapshots();
  #recent = []; // snapshots in order, for interpolation
  #inputs = []; // { number, keys, at }: sent, not used by the server yet
  #unsent = [];
  #number = 0;
  #steppedAt = performance.now();
  #drift = { x: 0, y: 0 };
  #serverAhead = null; // the server's step less this page's clock in steps
  bytes = 0;
  frames = 0;
  roundTrip = 0;
  keys = 0;
  prediction = true;
  interpolation = true;
  own = null;
  ranks = null;

  constructor(address, name, token) {
    super();
    this.#client = new HubClient(address, { token, username: name });
    this.#client.on('state', ({ state, reason }) => this.#changed(state, reason));
    this.#room = this.#client.room('game:1');
    this.#room.on('message', ({ binary }) => binary && this.#line.back(() => this.#received(binary)));
    this.#room.on('ranks', (ranks) => {
      this.ranks = ranks;
      this.dispatchEvent(new Event('ranks'));
    });
  }

  set latency(milliseconds) { this.#line.latency = milliseconds; }

  get snapshots() { return this.#snapshots; }

  join() { return this.#room.join(); }

  /** Drops the connection, as a bad network does, and comes back. */
  reconnect() { this.#client.reconnect(); }

  /** Makes the steps that are due, and tells what is where now. */
  advance(now) {
    let due = Math.floor((now - this.#steppedAt) / StepMilliseconds);
    this.#steppedAt += due * StepMilliseconds;
    if (!this.own || !this.#room.isJoined) return this.#picture(now);
    due = Math.min(due, MostStepsAtOnce);
    for (; due > 0; due--) {
      const input = { number: ++this.#number, keys: this.keys, at: now };
      this.#inputs.push(input);
      this.#unsent.push(input);
      this.own = { ...this.own, ...step(this.own, this.keys) };
    }
    if (this.#inputs.length > MostWaiting) this.#inputs.splice(0, this.#inputs.length - MostWaiting);
    if (this.#unsent.length >= InputsAtOnce) this.#send();
    return this.#picture(now);
  }

  #send() {
    const inputs = this.#unsent.splice(0);
    const message = new Uint8Array(8 + inputs.length);
    const view = new DataView(message.buffer);
    view.setUint32(0, this.#snapshots.newest, true);
    view.setUint32(4, inputs[0].number, true);
    inputs.forEach(({ keys }, index) => { message[8 + index] = keys; });
    this.#line.out(() => this.#room.send(message));
  }

  #received(bytes) {
    const frame = this.#snapshots.read(bytes);
    this.bytes += bytes.length;
    this.frames += 1;
    if (!frame) return;
    const now = performance.now();
    const ahead = frame.step - now / StepMilliseconds;
    this.#serverAhead = this.#serverAhead === null || Math.abs(ahead - this.#serverAhead) > 30 ? ahead : this.#serverAhead * 0.95 + ahead * 0.05;
    this.#recent.push(frame);
    if (this.#recent.length > Kept) this.#recent.shift();
    this.#reconcile(frame, now);
  }

  #reconcile({ own, lastInput }, now) {
    const used = this.#inputs.find(({ number }) => number === lastInput);
    if (used) this.roundTrip = this.roundTrip * 0.9 + (now - used.at) * 0.1;
    this.#inputs = this.#inputs.filter(({ number }) => number > lastInput);
    const shown = this.own;
    let ahead = own;
    for (const { keys } of this.#inputs) ahead = { ...ahead, ...step(ahead, keys) };
    this.own = ahead;
    this.server = own;
    if (!shown) return;
    // A surprise (somebody rammed us) is not shown at once: the picture glides to where the ship is.
    this.#drift = { x: this.#drift.x + shown.x - ahead.x, y: this.#drift.y + shown.y - ahead.y };
    if (Math.hypot(this.#drift.x, this.#drift.y) > 4_000) this.#drift = { x: 0, y: 0 };
  }

  #picture(now) {
    if (!this.own) return null;
    this.#drift = { x: this.#drift.x * 0.85, y: this.#drift.y * 0.85 };
    const { own, server } = this;
    const ship = this.prediction ? { ...own, x: own.x + this.#drift.x, y: own.y + this.#drift.y } : server;
    return { ship, entities: this.#between(now) };
  }

  /** The others, between the two snapshots around the moment that is shown. */
  #between(now) {
    const newest = this.#recent.at(-1);
    if (!newest) return new Map();
    if (!this.interpolation) return newest.entities;
    const moment = now / StepMilliseconds + this.#serverAhead - Behind;
    const next = this.#recent.find(({ step: at }) => at >= moment) ?? newest;
    const before = this.#recent[this.#recent.indexOf(next) - 1];
    if (!before) return next.entities;
    const part = Math.min(1, Math.max(0, (moment - before.step) / (next.step - before.step)));
    const entities = new Map();
    for (const [id, entity] of next.entities) {
      const from = entity.kind ? before.entities.get(id) : undefined;
      entities.set(id, from ? { ...entity, x: from.x + (entity.x - from.x) * part, y: from.y + (entity.y - from.y) * part } : entity);
    }
    return entities;
  }

  #changed(state, reason) {
    if (state !== 'open') {
      // The seat is kept; what was sent into the dark is not, and the server counts our inputs anew.
      this.#inputs = [];
      this.#unsent = [];
      this.#number = 0;
      this.#recent = [];
      this.#snapshots.forget();
      this.#serverAhead = null;
    }
    this.dispatchEvent(new CustomEvent('state', { detail: { state, reason } }));
  }
}
