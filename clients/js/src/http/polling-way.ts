import { HttpWay } from './http-way.js';

const WaitSeconds = 20;
const LongestPoll = 35_000;
// The hub's code for a connection that another of the session has replaced.
const Replaced = 4001;

/** Long polling. An answer that is lost comes again. */
export class PollingWay extends HttpWay {
  protected override async receive(): Promise<void> {
    let after: number | undefined, failures = 0;
    // Whether the hub has said `connected` on this way, and whether it goes on with what the session had.
    let isConnected = false, isOpen = false;
    while (!this.isOver) {
      try {
        const query = `wait=${isOpen ? WaitSeconds : 0}${after === undefined ? '' : `&after=${after}`}`;
        const response = await this.within(LongestPoll, this.request('poll', {}, query));
        if (response.status < 500 || after === undefined) {
          if (!this.isGood(response)) return;
        } else throw new Error(`Answered with ${response.status}`);
        const { n, messages, close } = await response.json();
        failures = 0;
        after = n as number;
        this.told._heard();
        isConnected ||= messages.some(({ type }: { type: string }) => type === 'connected');
        // Of a connection before: what it left is recovered, and to say that its end has come begins the next one.
        if (!isConnected && !isOpen && (messages.length || close?.code === Replaced)) continue;
        // A session that polls already is not told so: that goes on.
        if (!isConnected && !isOpen && !close) this.takeRemembered();
        isOpen = true;
        for (const message of messages) this.take(JSON.stringify(message));
        if (close) return this.end('', { ...close, wasClean: true });
      } catch (error) {
        // A proxy may have had enough of waiting.
        if (++failures > 1 || after === undefined) throw error;
      }
    }
  }
}
