import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleFunctions } from '#scripts/bundle.ts';
import { readAssembly, type Assembly } from './cloud-assembly.ts';

const root = resolve(import.meta.dirname, '../..');
const assemblies = join(root, 'build', 'assemblies');
const keptForMs = 7 * 24 * 3_600_000;

/** On the laptop polls cost nothing, and whoever looks on does not want to wait. */
const localMaxPoll = '500';

/**
 * Bundles the functions and synthesizes the CDK app in this process, or takes what an earlier start made of the same sources.
 * @param settings as `-c name=value` sets them
 * @param say is told what takes its time
 */
export async function assemble(
  settings: Record<string, string>,
  say: (step: string) => void = () => {},
): Promise<Assembly> {
  await bundleFunctions(say);
  const folder = join(assemblies, fingerprint(settings));
  if (!existsSync(folder)) {
    say('Synthesizing the template');
    await synthesize(settings, folder);
  }
  const now = new Date();
  utimesSync(folder, now, now);
  removeOld(now.getTime());
  return readAssembly(folder);
}

/** Writes the cloud assembly of a laptop into a folder. The functions must be bundled before. */
export async function synthesizeInto(outdir: string, settings: Record<string, string> = {}): Promise<void> {
  // Validation costs a second or two; it runs in CI.
  process.env['CDK_VALIDATION'] = 'false';
  const { buildApp } = await import('#infra/app.ts');
  buildApp({ settings: { maxPollMilliseconds: localMaxPoll, ...settings, stage: 'local' }, outdir }).synth();
}

async function synthesize(settings: Record<string, string>, folder: string): Promise<void> {
  mkdirSync(assemblies, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  await synthesizeInto(unfinished, settings);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another start was faster; it made the same.
    rmSync(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

/** Whatever the template or the bundles depend on. */
function fingerprint(settings: Record<string, string>): string {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(settings).sort()));
  const sources = [
    'infra/**/*.ts',
    'shared/contract/**/*.ts',
    'shared/env.ts',
    'shared/schema.ts',
    'package-lock.json',
    'local/template/assembly.ts',
    'build/*/*.mjs',
  ];
  for (const file of globSync(sources, { cwd: root }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function removeOld(now: number): void {
  for (const name of readdirSync(assemblies)) {
    const folder = join(assemblies, name);
    if (now - statSync(folder).mtimeMs > keptForMs) rmSync(folder, { recursive: true, force: true });
  }
}
