/** `npm run docs:python`: writes the reference of the Python package to build/docs/python. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { pythonTools } from './packages/python.ts';

const root = path.dirname(import.meta.dirname);

/** pdoc looks up the types of an inherited `__init__` in the module of the subclass. */
const isInherited = (warning: string) => /\.__init__\. Import of \w+ failed/.test(warning);

/**
 * Writes the pages from the docstrings.
 * @param bin of an environment with the tools
 * @returns the warnings of pdoc
 */
export async function writePythonReference(bin: string): Promise<string[]> {
  const args = ['--docformat', 'markdown', '--output-directory', 'build/docs/python', 'muster', 'muster.orchestration'];
  const { stderr } = await promisify(execFile)(path.join(bin, 'pdoc'), args, {
    cwd: root,
    env: { ...process.env, PYTHONPATH: path.join(root, 'clients/python/src') },
  });
  return stderr.split('\n').filter((line) => line !== '' && !isInherited(line));
}

if (import.meta.main) {
  const warnings = await writePythonReference(await pythonTools('tools'));
  for (const warning of warnings) console.error(warning);
  if (warnings.length > 0) process.exitCode = 1;
  else console.log('build/docs/python/index.html');
}
