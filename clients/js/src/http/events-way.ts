import type { Data } from '../socket/waiting.js';
import { HttpWay } from './http-way.js';

// The hub comments every 15 seconds.
const LongestSilence = 40_000;

/** Server-sent events, read from the answer of a request: an `EventSource` could give a token only in the address. */
export class EventsWay extends HttpWay {
  #heardAt = 0;

  override send(data: Data): void {
    // That the answer to a ping comes by another request says nothing about this one.
    const isSilent = this.attempt.clock.now() - this.#heardAt > LongestSilence;
    if (isSilent && data === '{"type":"ping"}') this.end('Nothing was received');
    else super.send(data);
  }

  protected override async receive(): Promise<void> {
    const response = await this.request('events', { headers: { Accept: 'text/event-stream' } });
    if (!this.isGood(response)) return;
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '', event = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return this.end('The answer has ended');
      this.#heardAt = this.attempt.clock.now();
      this.told._heard();
      const lines = (rest + value).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [, field, content = ''] = /^(\w*): ?(.*?)\r?$/.exec(line) ?? [];
        if (field === 'event') event = content;
        else if (field === 'data' && event === 'close') return this.end('', { ...JSON.parse(content), wasClean: true });
        else if (field === 'data') this.take(content);
        else if (!field) event = '';
      }
    }
  }
}
