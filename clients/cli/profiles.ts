import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { wrongUsage } from './failure.ts';

const Profile = z.object({ url: z.string(), key: z.string() });
export type Profiles = Map<string, z.infer<typeof Profile>>;

/** The file with the profiles. It contains keys, so only its owner may read it. */
export function profilesFile(): string {
  const { XDG_CONFIG_HOME: folder } = process.env;
  return path.join(folder || path.join(homedir(), '.config'), 'muster', 'profiles.json');
}

/** @throws Failure if the file cannot be parsed */
export function readProfiles(): Profiles {
  const file = profilesFile();
  try {
    return new Map(Object.entries(z.record(z.string(), Profile).parse(JSON.parse(readFileSync(file, 'utf8')))));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw wrongUsage(`${file} is not a valid profiles file.`, 'Fix it, or remove it and add the profiles again.');
  }
}

/** Replaces the file atomically. */
export function writeProfiles(profiles: Profiles): void {
  const file = profilesFile();
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(Object.fromEntries(profiles), null, 2)}\n`, { mode: 0o600 });
  // The mode above only applies to a new file.
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}
