// Bundles the page's script, and writes down what is in it: package, version, licence and hash of each.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const output = process.argv[2] ?? join(here, '../wwwroot')
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['main.js'],
  outfile: join(output, 'editor.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  metafile: true
})

const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'))
const names = new Set(Object.keys(metafile.inputs).map(path => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean))
const rows = [...names].sort().map(name => {
  const { version, integrity } = lock.packages[`node_modules/${name}`]
  const { license } = JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8'))
  return `| ${name} | ${version} | ${license} | ${integrity} |`
})
const hash = createHash('sha256').update(readFileSync(join(output, 'editor.js'))).digest('hex')
writeFileSync(join(output, 'editor.js.md'), `# editor.js

Made by \`npm ci && npm run build\` in \`samples/Editor/client\`. SHA-256 \`${hash}\`.

| package | version | licence | integrity |
| --- | --- | --- | --- |
${rows.join('\n')}
`)
