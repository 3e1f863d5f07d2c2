// Says what is wrong with programs that use a generated contract. Arguments: the folder of the client's sources, then the programs' folders, each
// with client.ts and contract.ts. Prints a line of JSON for each: the errors. The client's own sources are read, but judged by its own build.
import ts from 'typescript';
import { join, resolve } from 'node:path';

const [client, ...folders] = process.argv.slice(2).map(path => resolve(path));
const options = {
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'], strict: true, noEmit: true, types: [],
  paths: { longwire: [`${client}/index.ts`], 'longwire/state': [`${client}/state/index.ts`] },
};
const host = ts.createCompilerHost(options), read = host.getSourceFile, sources = new Map();
host.getSourceFile = (name, ...how) => {
  // What the programs share is read once.
  if (!sources.has(name)) sources.set(name, read(name, ...how));
  return sources.get(name);
};
for (const folder of folders) {
  const program = ts.createProgram([join(folder, 'client.ts'), join(client, 'platform.d.ts')], options, host);
  const judged = ['client.ts', 'contract.ts'].map(name => program.getSourceFile(join(folder, name))).filter(Boolean);
  const faults = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(),
    ...judged.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])];
  console.log(JSON.stringify(faults.map(({ file, start, code, messageText }) => {
    const { line, character } = file ? ts.getLineAndCharacterOfPosition(file, start) : { line: -1, character: -1 };
    const name = file ? file.fileName.replace(`${folder}/`, '') : '';
    return `${name}(${line + 1},${character + 1}): error TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  })));
}
