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

/** On a laptop polls cost nothing, and the person watching should not have to wait. */
const localMaxPoll = '500';

/**
 * Bundles the functions and synthesizes the CDK app in this process, or reuses what an earlier start produced from the
 * same sources.
 * @param settings as with `-c name=value`
 * @param say called with the steps that take time
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

/** Writes the local cloud assembly into a folder. The functions must be bundled first. */
export async function synthesizeInto(outdir: string, settings: Record<string, string> = {}): Promise<void> {
  // Validation takes a second or two; it runs in CI.
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
    // A concurrent start was faster; its result is the same.
    rmSync(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

/** A hash of everything that the template or the bundles depend on. */
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
