/** Finds the browser for the tests: the one in `MUSTER_CHROMIUM`, or the one in this folder's lock file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Browser } from 'playwright-core';

export interface Chromium {
  executablePath: string;
  /** Environment variables that it needs, for its libraries and fonts. */
  env: Record<string, string>;
}

const builds = path.join(import.meta.dirname, '../../../build');
const platform = `${process.platform}-${process.arch}`;

/** The browser, ready to start, or what is missing. */
export function findChromium(): Chromium | { missing: string } {
  const named = process.env['MUSTER_CHROMIUM'];
  if (named !== undefined) return { executablePath: named, env: {} };
  const packed = packedChromium();
  if (packed === undefined) return { missing: 'needs a browser: npm ci --prefix test/browser' };
  if (platform !== 'linux-x64') return { missing: `brings no browser for ${platform}: name one in MUSTER_CHROMIUM` };
  return unpacked(packed);
}

/** Starts it headless. */
export async function launch({ executablePath, env }: Chromium): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  // The sandbox is unavailable to root and in many containers. The pages come from this machine.
  const args = ['--no-sandbox', '--disable-gpu'];
  return chromium.launch({ executablePath, env: { ...process.env, ...env }, args });
}

/** The folder with the compressed files, and their version. */
function packedChromium(): { bin: string; version: string } | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
    const root = entry.slice(0, entry.lastIndexOf('/build/'));
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    return { bin: path.join(root, 'bin'), version };
  } catch {
    return undefined;
  }
}

/**
 * Unpacks it once, into a folder of this clone named after its version. The package's own unpacking reuses whatever is
 * in the shared temporary folder, and two concurrent processes break each other's files.
 */
function unpacked({ bin, version }: { bin: string; version: string }): Chromium {
  const folder = path.join(builds, `chromium-${version}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    const contents = (name: string) => brotliDecompressSync(readFileSync(path.join(bin, name)));
    writeFileSync(path.join(unfinished, 'chromium'), contents('chromium.br'), { mode: 0o755 });
    // Libraries that a bare machine lacks.
    untar(contents('al2023.tar.br'), unfinished);
    untar(contents('fonts.tar.br'), unfinished);
    writeFileSync(path.join(unfinished, 'fonts.conf'), fontsConf);
    moveIntoPlace(unfinished, folder);
  }
  return {
    executablePath: path.join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: path.join(folder, 'lib'), FONTCONFIG_FILE: path.join(folder, 'fonts.conf') },
  };
}

/** The included font, so that pages have the same width everywhere, plus this machine's fonts for what it lacks. */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  ${['system-ui', 'sans', 'sans-serif']
    .map(
      (family) =>
        `<alias binding="strong"><family>${family}</family><prefer><family>Open Sans</family></prefer></alias>`,
    )
    .join('')}
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

function untar(archive: Buffer, folder: string): void {
  const { status, stderr } = spawnSync('tar', ['-x', '--no-same-owner', '-C', folder], { input: archive });
  if (status !== 0) throw new Error(`tar could not unpack what belongs to Chromium: ${String(stderr)}`);
}

/** Another process may have been faster. */
function moveIntoPlace(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}
