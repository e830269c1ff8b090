import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Writes the licenses of all packages with code in the given bundles to THIRD-PARTY.md, as the licenses require.
 * @throws Error if a package has none
 */
export function writeLicenses(folder: string, metafiles: readonly Pick<Metafile, 'outputs'>[]): void {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs)),
  );
  const used = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([file]) => packageFolderOf(file) ?? []);
  const sections = [...new Set(used)].sort().map(sectionOf);
  writeFileSync(path.join(folder, 'THIRD-PARTY.md'), `# Licenses of bundled packages\n\n${sections.join('\n')}`);
}

/** The folder of the package that a file belongs to; undefined for our own files. */
const packageFolderOf = (file: string) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];

function sectionOf(folder: string): string {
  const at = path.join(root, folder);
  const { name, version, license } = JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(at).find((one) => /^licen[cs]e/i.test(one));
  if (license === undefined && file === undefined) throw new Error(`${folder} has no license: it must not be bundled.`);
  const text =
    file === undefined ? 'The package has no license file.' : readFileSync(path.join(at, file), 'utf8').trim();
  return `## ${name} ${version}\n\n${license ?? ''}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
}
