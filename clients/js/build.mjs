// Builds the package: checks the types and writes their declarations, then the modules and the classic script.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc'], { stdio: 'inherit' });
} catch {
  console.error('The build failed: the types above are wrong.');
  process.exit(1);
}

const common = { bundle: true, minify: true, sourcemap: true, target: 'es2022', logLevel: 'warning', legalComments: 'none',
  // The modules of the package share this, and nobody else sees it.
  mangleProps: /^_[a-z]/,
};
const modules = { ...common, format: 'esm', outdir: 'dist', external: ['react', '#platform', 'node:*'] };
await build({
  ...modules,
  entryPoints: { index: 'src/index.ts', react: 'src/react/index.ts', state: 'src/state/index.ts' }, splitting: true, chunkNames: 'chunk-[name]-[hash]',
});
// Apart, so that a page loads no more chunks for what these share with the client.
await build({
  ...modules,
  entryPoints: { testing: 'src/testing/index.ts', 'platform-browser': 'src/platform-browser.ts', 'platform-node': 'src/platform-node.ts' },
});
await build({
  ...common,
  entryPoints: { longwire: 'src/classic.ts' },
  format: 'iife', globalName: 'longwire', outdir: 'dist', alias: { '#platform': './src/platform-browser.ts' },
});
