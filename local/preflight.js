/**
 * Reports what is missing before anything else runs. Plain JavaScript without types, because it must also run on a
 * Node.js that is too old for the rest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const neededNode = 24;
const neededJava = 17;

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const installed = (name) => existsSync(modules + name);

function nodeProblem() {
  if (Number(process.versions.node.split('.')[0]) >= neededNode) return undefined;
  return (
    'Muster requires Node ' +
    neededNode +
    ' or newer; this is ' +
    process.versions.node +
    '.\n' +
    'On Linux (x64 and arm64) npm ci installs Node ' +
    neededNode +
    ': run it without --omit=optional, and start with npm.\n' +
    'Elsewhere, install it from https://nodejs.org or with your version manager.'
  );
}

function packagesProblem() {
  if (installed('fauxqs')) return undefined;
  return 'Dependencies are not installed. Run: npm ci';
}

function javaVersion() {
  const said = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(\d+)(?:\.(\d+))?/.exec(said.stderr || '');
  if (!version) return 0;
  return Number(version[1] === '1' ? version[2] : version[1]);
}

function engineProblem() {
  const chosen = process.env.MUSTER_DYNAMODB || '';
  const dynoxide = '@dynoxide/' + process.platform + '-' + process.arch;
  if (chosen !== 'dynamodb-local' && installed(dynoxide)) return undefined;
  if (chosen === 'dynoxide') {
    return (
      'MUSTER_DYNAMODB is dynoxide, but ' +
      dynoxide +
      ' is not installed.\n' +
      'Unset MUSTER_DYNAMODB to use DynamoDB Local, which requires Java ' +
      neededJava +
      '.'
    );
  }
  const java = javaVersion();
  if (java >= neededJava) return undefined;
  return (
    'Muster requires Java ' +
    neededJava +
    " or newer on this machine, for Amazon's DynamoDB Local; " +
    (java === 0 ? 'java is not on the PATH.' : 'this is Java ' + java + '.') +
    '\n' +
    'Install it from https://adoptium.net or with your package manager.'
  );
}

const problem = nodeProblem() || packagesProblem() || engineProblem();
if (problem) {
  console.error(problem);
  process.exitCode = 1;
}
