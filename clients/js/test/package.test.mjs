// The package as it is published: what is in it, how large what a page loads is, and programs that compile and run against it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './support/processes.mjs';

const run = promisify(execFile);
let folder, files;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longwire-package-'));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename, files: packed }] = Object.values(JSON.parse(stdout));
  files = packed.map(({ path }) => path);
  await mkdir(join(folder, 'node_modules', 'longwire'), { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', join(folder, 'node_modules', 'longwire')]);
  for (const name of ['react', 'react-dom', '@types', 'csstype']) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The bytes, compressed, that a page loads at once for a program: its own and those it imports statically. */
async function sizeOf(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder, sourcefile: 'program.js' }, bundle: true, minify: true, format: 'esm', splitting: true,
    outdir: join(folder, 'out'), write: false, metafile: true, external: ['react'], target: 'es2022', legalComments: 'none',
    absWorkingDir: folder,
  });
  const loaded = new Set();
  const load = path => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of metafile.outputs[path].imports) if (kind === 'import-statement' && metafile.outputs[next]) load(next);
  };
  load(Object.keys(metafile.outputs).find(path => metafile.outputs[path].entryPoint));
  const text = outputFiles.filter(({ path }) => [...loaded].some(name => path.endsWith(name))).map(file => file.text).join('\n');
  return { size: gzipSync(text, { level: 9 }).length, text };
}

for (const [what, program, limit] of [
  ['ReconnectingWebSocket', `export { ReconnectingWebSocket } from 'longwire'`, 4_096],
  ['HubClient', `export { HubClient } from 'longwire'`, 8_192],
  ['the React hooks', `export * from 'longwire/react'`, 1_024],
]) {
  test(`What a page loads of ${what} has ${limit} bytes at most, compressed`, async t => {
    const { size } = await sizeOf(program);
    t.diagnostic(`${size} bytes`);
    assert.ok(size <= limit, `${size} bytes`);
  });
}

test('The kept outbox, the shared connection and the ways without a WebSocket are chunks that a page loads when it uses them', async () => {
  const { text } = await sizeOf(`export { HubClient } from 'longwire'`);
  assert.match(text, /import\(/);
  assert.doesNotMatch(text, /indexedDB\.open|BroadcastChannel|event-stream|map-read/);
  const all = await Promise.all(files.filter(name => name.startsWith('dist/') && name.endsWith('.js'))
    .map(name => readFile(join(folder, 'node_modules/longwire', name), 'utf8')));
  for (const part of ['indexedDB.open', 'BroadcastChannel', 'event-stream']) assert.ok(all.some(code => code.includes(part)), part);
});

test('There are modules, a classic script, types and source maps; no dependency, and nothing that a page has no use for', async () => {
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/longwire/package.json'), 'utf8'));
  assert.equal(manifest.dependencies, undefined);
  for (const { types, default: module } of Object.values(manifest.exports).filter(entry => entry.types)) {
    assert.ok(files.includes(types.slice(2)), types);
    assert.ok(files.includes(module.slice(2)), module);
    assert.ok(files.includes(`${module.slice(2)}.map`), `${module}.map`);
  }
  assert.ok(files.includes('dist/longwire.js') && files.includes('README.md'));
  assert.deepEqual(files.filter(name => /^(test|node_modules)\//.test(name)), []);
});

test('Programs as users write them compile against its types', async () => {
  await cp(join(root, 'test/types/programs.tsx'), join(folder, 'programs.tsx'));
  const options = {
    target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], strict: true, noEmit: true,
    jsx: 'react-jsx', skipDefaultLibCheck: true, types: [], exactOptionalPropertyTypes: false,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['programs.tsx'] }));
  const compile = () => run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
    .then(() => '', ({ stdout }) => stdout);
  assert.equal(await compile(), '');
});

test('It is imported by Node as it is, and its Node WebSocket is found', async () => {
  await writeFile(join(folder, 'program.mjs'), `
    import { HubClient, ReconnectingWebSocket } from 'longwire';
    const socket = new ReconnectingWebSocket('ws://127.0.0.1:9/', [], { maxAttempts: 0 });
    socket.addEventListener('close', () => console.log('closed', socket.state, typeof HubClient));`);
  const { stdout } = await run(process.execPath, [join(folder, 'program.mjs')]);
  assert.equal(stdout.trim(), 'closed closed function');
});
