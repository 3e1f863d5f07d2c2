import assert from 'node:assert/strict';
import { HubClient } from 'longwire';
import { FaultProxy } from './fault-proxy.mjs';
import { until, within } from './processes.mjs';
import { seeded } from './random.mjs';

/**
 * A client publishes numbers through a proxy with faults until there were enough of both, another receives through it, and a witness
 * beside it sees what was published.
 */
export async function sendThroughFaults(hub, seed, { messages, faults, name = `room:faults-${seed}` }) {
  const random = seeded(seed);
  const proxy = await new FaultProxy(hub.port, random).listen();
  const options = { reconnectInterval: 50, maxReconnectInterval: 200, connectTimeout: 1_500, random };
  const url = `ws://127.0.0.1:${proxy.port}/hub`;
  const sender = new HubClient(url, { ...options, token: 'sender' }), receiver = new HubClient(url, { ...options, token: 'receiver' });
  const witness = new HubClient(hub.url, { token: 'witness', timeout: 180_000 });
  try {
    const received = [], published = [];
    receiver.room(name).on('message', ({ message }) => received.push(message.n));
    receiver.room(name).on('reset', () => received.push('reset'));
    witness.room(name).on('message', ({ message }) => published.push(message.n));
    await within(witness.room(name).join(), `the witness has joined (seed ${seed})`);
    await within(receiver.room(name).join(), `the receiver has joined (seed ${seed})`);
    const receipts = [], isWaiting = ({ state }) => state === 'queued' || state === 'sent', waiting = () => receipts.filter(isWaiting).length;
    const progress = () => `${published.length} published, ${received.length} received, ${waiting()} waiting`;
    for (let n = 1; n <= messages || proxy.faults < faults; n++) {
      assert.ok(n < 100 * messages, 'the proxy does nothing');
      await until(() => waiting() <= 50, `some settled (seed ${seed})`, progress);
      receipts.push(sender.room(name).publish({ n, filling: 'x'.repeat(Math.floor(random() * 300)) }));
      if (random() < 0.05) await new Promise(resolve => setTimeout(resolve, random() * 60));
    }
    const sent = receipts.length;
    await until(() => !waiting(), `all settled (seed ${seed})`, progress);
    assert.deepEqual(receipts.filter(({ state }) => state !== 'acked').map(({ id, state }) => `${id} ${state}`), [], `seed ${seed}`);
    await until(() => published.length >= sent && received.filter(Number).length >= sent, `all received (seed ${seed})`, progress);
    return { sent, received, published, faults: proxy.counts };
  } finally {
    for (const client of [sender, receiver, witness]) client.close();
    proxy.close();
  }
}
