import { report } from './emitter.js';
import type { Wire } from './messages.js';

// The hub has 16 questions open at most.
const MaxAnswers = 64;

/** Answers the application's questions, each once: one comes again when a session is resumed. */
export class Questions {
  _handlers = new Map<string, (content: any) => unknown>();
  #answers = new Map<string, Promise<object>>();

  async _answer({ id, method, content }: Wire, tell: (reply: object) => void): Promise<void> {
    const handler = this._handlers.get(method);
    if (!handler) return;
    let answer = this.#answers.get(id);
    if (!answer) {
      answer = Promise.resolve(content).then(handler).then(reply => ({ content: reply ?? null }), error => {
        report(error);
        return { error: 'The client failed.' };
      });
      this.#answers.set(id, answer);
      if (this.#answers.size > MaxAnswers) this.#answers.delete(this.#answers.keys().next().value!);
    }
    tell({ type: 'reply', to: id, ...await answer });
  }
}
