import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishCommands, releasedChangelog, requireClean } from '#scripts/release.ts';
import { packageNames } from '#scripts/packages.ts';
import { version } from '#shared/contract/version.ts';

test('all packages have the same version, which is stored in one place', () => {
  expect(packageNames).toEqual(readdirSync('packages').sort());
  for (const name of packageNames) {
    const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as { version: string };
    // Replaced during assembly.
    expect(manifest).toMatchObject({ name: `@musterhq/${name}`, version: '0.0.0', license: 'Apache-2.0' });
  }
  const openapi = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as { info: { version: string } };
  expect(openapi.info.version).toBe(version);
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { version: string };
  expect(lock.version).toBe(version);
  expect(readFileSync('clients/python/src/muster/_generated/version.py', 'utf8')).toContain(`VERSION = "${version}"`);
});

test('the changelog of this version can be released', () => {
  const text = readFileSync('CHANGELOG.md', 'utf8');
  const isReleased = new RegExp(`^## ${version.replaceAll('.', String.raw`\.`)} \\(\\d{4}-\\d\\d-\\d\\d\\)$`, 'm');
  if (!isReleased.test(text)) expect(releasedChangelog(text, version, '2026-12-01')).toMatch(isReleased);
});

test('a release dates its section of the changelog, and requires one with content', () => {
  const old = '## 0.1.0 (2026-01-01)\n\n- First\n';
  const text = `# Changelog\n\n## 0.2.0 (unreleased)\n\n- New\n\n${old}`;
  expect(releasedChangelog(text, '0.2.0', '2026-12-01')).toBe(
    `# Changelog\n\n## 0.2.0 (2026-12-01)\n\n- New\n\n${old}`,
  );
  expect(() => releasedChangelog(text, '0.3.0', '2026-12-01')).toThrow('needs one section "## 0.3.0 (unreleased)"');
  expect(() => releasedChangelog(text.replace('- New\n', ''), '0.2.0', '2026-12-01')).toThrow('is empty');
});

test('a tree with uncommitted files is refused, with their names', () => {
  requireClean('');
  expect(() => requireClean(' M package.json\n')).toThrow('Commit or remove these files first:\n M package.json');
});

test('the commands to publish name each file', () => {
  expect(publishCommands(['a.tgz', 'b.whl', 'c.tar.gz'])).toEqual([
    'npm publish --access public build/release/a.tgz',
    'twine upload build/release/b.whl build/release/c.tar.gz',
  ]);
});
