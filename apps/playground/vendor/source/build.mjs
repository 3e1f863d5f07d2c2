// Bundles what the pages use: the client of this repository, and npm packages. Writes down what is in it: version, licence, hash.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2] ?? dirname(here);
const client = join(here, '../../../../clients/js');
const common = {
  absWorkingDir: here, bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none', metafile: true,
  nodePaths: [join(here, 'node_modules')],
};
const bundles = [
  { entry: join(client, 'src/classic.ts'), file: 'longwire.js', options: { alias: { '#platform': join(client, 'src/platform-browser.ts') }, mangleProps: /^_[a-z]/ } },
  { entry: 'uplot.js', file: 'uplot.js' },
  // The pages' policy forbids style attributes in what is made as text: what draws the others' cursors makes its elements by dom.js.
  { entry: 'editing.js', file: 'editing.js', options: { alias: { 'lib0/dom': join(here, 'dom.js') } } },
  { entry: 'node_modules/uplot/dist/uPlot.min.css', file: 'uplot.css' },
];

const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
const rows = [];
for (const { entry, file, options } of bundles) {
  const { metafile } = await build({ ...common, ...options, entryPoints: [entry], outfile: join(output, file) });
  const hash = createHash('sha256').update(readFileSync(join(output, file))).digest('hex');
  const names = Object.keys(metafile.inputs).map(path => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  const folders = [...new Set(names.filter(Boolean))].sort().map(name => join('node_modules', name));
  const parts = (file === 'longwire.js' ? [client, ...folders] : folders).map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(resolve(here, folder, 'package.json'), 'utf8'));
    return `| ${file} | ${name} | ${version} | ${license} | ${lock.packages[folder]?.integrity ?? 'clients/js, here'} |`;
  });
  rows.push({ file, hash, parts });
}

writeFileSync(join(output, 'README.md'), `# What the pages use of others

Made by \`./vendor\`, which a test repeats and compares byte for byte.

| file | package | version | licence | from |
| --- | --- | --- | --- | --- |
${rows.flatMap(({ parts }) => parts).join('\n')}

| file | SHA-256 |
| --- | --- |
${rows.map(({ file, hash }) => `| ${file} | ${hash} |`).join('\n')}
`);
