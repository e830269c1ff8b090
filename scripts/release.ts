/**
 * `npm run release`: builds, checks and packs everything that belongs to a version, and dates its section of the
 * changelog. It publishes nothing.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '#shared/contract/version.ts';
import { pack, strayFiles, type Packed } from './packages/pack.ts';
import { buildPython } from './packages/python.ts';
import { isPythonHere } from './packages/python-environment.ts';
import { assemble, packageNames, recipes } from './packages.ts';

const root = path.dirname(import.meta.dirname);
const release = path.join(root, 'build/release');
const changelog = path.join(root, 'CHANGELOG.md');

/**
 * The changelog with a date instead of "unreleased" in the section of a version.
 * @param date for example 2026-11-26
 * @throws Error if that section is missing or empty
 */
export function releasedChangelog(text: string, version: string, date: string): string {
  const heading = `## ${version} (unreleased)\n`;
  const [before, section, ...more] = text.split(heading);
  if (before === undefined || section === undefined || more.length > 0) {
    throw new Error(`CHANGELOG.md needs one section "${heading.trim()}".`);
  }
  if (!/^- /m.test(section.split(/^## /m)[0] ?? ''))
    throw new Error(`The section of ${version} in CHANGELOG.md is empty.`);
  return `${before}## ${version} (${date})\n${section}`;
}

/** @throws Error if there are uncommitted files: what is published must be reproducible */
export function requireClean(status: string): void {
  if (status.trim() !== '') throw new Error(`Commit or remove these files first:\n${status}`);
}

/** The commands that publish the files of a release. */
export function publishCommands(files: readonly string[]): string[] {
  const wheels = files.filter((file) => /\.(whl|tar\.gz)$/.test(file));
  return [
    ...files.filter((file) => file.endsWith('.tgz')).map((file) => `npm publish --access public build/release/${file}`),
    ...(wheels.length > 0 ? [`twine upload ${wheels.map((file) => `build/release/${file}`).join(' ')}`] : []),
  ];
}

async function packAll(): Promise<void> {
  rmSync(release, { recursive: true, force: true });
  mkdirSync(release, { recursive: true });
  for (const name of packageNames) {
    const folder = await assemble(name);
    const packed = await pack(folder, release);
    const stray = strayFiles(folder, packed.files, recipes[name].files);
    if (stray.length > 0) throw new Error(`${packed.filename} must not have: ${stray.join(', ')}`);
    list(packed);
  }
  if (!isPythonHere) throw new Error('Python 3.11 or newer, with venv, is not installed: a release needs it.');
  const built = path.join(await buildPython(), 'dist');
  for (const file of readdirSync(built).filter((name) => /\.(whl|tar\.gz)$/.test(name))) {
    cpSync(path.join(built, file), path.join(release, file));
    console.log(`\n${file} (${kilobytes(statSync(path.join(built, file)).size)})`);
  }
}

function list({ filename, size, files }: Packed): void {
  console.log(`\n${filename} (${kilobytes(size)})`);
  for (const file of files) console.log(`${kilobytes(file.size).padStart(10)}  ${file.path}`);
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

async function main(): Promise<void> {
  requireClean(execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }));
  const released = releasedChangelog(readFileSync(changelog, 'utf8'), version, new Date().toISOString().slice(0, 10));
  await packAll();
  writeFileSync(changelog, released);
  console.log(`\nNothing is published. After the tests, commit CHANGELOG.md, and then:\n\n  git tag v${version}`);
  for (const command of publishCommands(readdirSync(release))) console.log(`  ${command}`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
