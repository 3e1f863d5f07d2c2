// How large what a page loads is, minified and compressed, beside other clients. Type: npm ci --prefix bench && node bench/sizes.mjs
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const versionOf = name => JSON.parse(readFileSync(name === 'longwire' ? `${here}../package.json` : `${here}node_modules/${name}/package.json`, 'utf8')).version;

for (const [name, what] of [
  ['longwire', 'ReconnectingWebSocket'], ['longwire', 'HubClient'], ['reconnecting-websocket', 'default'], ['partysocket', 'WebSocket'],
  ['partysocket', 'default'], ['socket.io-client', 'io'], ['@microsoft/signalr', 'HubConnectionBuilder'],
]) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${what} } from '${name}'`, resolveDir: name === 'longwire' ? `${here}..` : here }, bundle: true, minify: true,
    format: 'esm', splitting: true, outdir: 'out', write: false, metafile: true, target: 'es2022', legalComments: 'none', logLevel: 'error',
  });
  const loaded = new Set();
  const load = path => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const next of metafile.outputs[path].imports) if (next.kind === 'import-statement') load(next.path);
  };
  load(Object.keys(metafile.outputs).find(path => metafile.outputs[path].entryPoint));
  const text = outputFiles.filter(({ path }) => [...loaded].some(part => path.endsWith(part))).map(file => file.text).join('\n');
  console.log(`${`${name} ${versionOf(name)} ${what}`.padEnd(48)} ${String(gzipSync(text, { level: 9 }).length).padStart(6)} bytes`);
}
