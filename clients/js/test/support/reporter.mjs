// A line for each test that begins and for each that has ended, for the .NET test that runs these.
import { inspect } from 'node:util';

export default async function* report(source) {
  for await (const { type, data } of source) {
    // The run of a file counts as a test when it fails as a whole.
    if (type !== 'test:fail' && data?.name?.endsWith('.mjs')) continue;
    if (type === 'test:dequeue') yield `began ${data.name}\n`;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const outcome = type === 'test:fail' ? 'failed' : data.skip !== undefined || data.todo !== undefined ? 'skipped' : 'passed';
    const error = data.details?.error && inspect(data.details.error.cause ?? data.details.error);
    yield `result ${JSON.stringify({ name: data.name, outcome, milliseconds: data.details?.duration_ms ?? 0, error })}\n`;
  }
}
