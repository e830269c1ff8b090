/**
 * `npm run docs:sdk`: writes the reference of the sdk to build/docs/sdk. Fails if an export is undocumented or a link
 * is broken.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = path.dirname(import.meta.dirname);
const typedoc = path.join(root, 'test/packages/tools/node_modules/typedoc/bin/typedoc');

const options = {
  entryPoints: ['clients/sdk/index.ts', 'clients/sdk/worker/index.ts'],
  // It covers only the sdk: reading the whole repository takes several times as long.
  tsconfig: 'test/packages/tools/tsconfig.json',
  out: 'build/docs/sdk',
  name: '@musterhq/sdk',
  readme: 'packages/sdk/README.md',
  disableSources: true,
  // Checked by npm run typecheck.
  skipErrorChecking: true,
  'validation.notDocumented': true,
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'Method'],
  // Their meaning is clear from where they are used.
  intentionallyNotExported: ['Filter', 'MusterErrorDetails'],
};

/** Generated types have the descriptions of the contract, which has none for fields whose name says everything. */
const isGenerated = (warning: string) => /sdk\/types\.ts, does not have any documentation$/.test(warning);

/**
 * Writes the pages.
 * @returns what is wrong with the documentation
 */
export function writeSdkReference(): string[] {
  const args = Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [`--${name}`, String(one)]),
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [typedoc, ...args], { cwd: root, encoding: 'utf8' });
  const lines = stripVTControlCharacters(`${stdout}${stderr}`)
    .split('\n')
    .filter((line) => /^\[(warning|error)\]/.test(line));
  const faults = lines.filter((line) => !isGenerated(line) && !/^\[warning\] Found \d/.test(line));
  return status === 0 || faults.length > 0
    ? faults
    : [`TypeDoc ended with ${status}. ${stderr} Is npm ci --prefix test/packages/tools done?`];
}

if (import.meta.main) {
  const faults = writeSdkReference();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log('build/docs/sdk/index.html');
}
