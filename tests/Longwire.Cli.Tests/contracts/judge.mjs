// Says what is wrong with AsyncAPI documents, the files given: one fault a line, then the channels.
import { Parser } from '@asyncapi/parser';
import { readFile } from 'node:fs/promises';

const parser = new Parser();
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(await readFile(file, 'utf8'));
  for (const { severity, path, message } of diagnostics) if (severity === 0) console.log(`${path.join('/')}: ${message}`);
  console.log(document ? `channels ${document.channels().all().map(channel => channel.id()).join(' ')}` : 'no document');
}
