import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { exitCodes, Failure, wrongUsage } from './failure.ts';
import { requireOwn } from './own-file.ts';
import { readProfiles } from './profiles.ts';

/** Which Muster to connect to. */
export interface Connection {
  url: string;
  key: string;
  /** What to do if it does not respond; depends on where its address was found. */
  advice: string;
}

/** With the package, and in a checkout. */
const howToStart = 'npx @musterhq/dev (in a checkout of Muster: npm start)';

/** What a local Muster writes into its data folder once it is ready. */
const LocalFile = z.object({ url: z.string(), keys: z.object({ admin: z.string() }) });

/**
 * The Muster of a profile, or else of MUSTER_URL and MUSTER_KEY, or else the one running on this machine.
 * @throws Failure if there is none, with what to do
 */
export function findMuster(profile: string | undefined): Connection {
  if (profile !== undefined) return fromProfile(profile);
  return fromEnvironment() ?? fromLocalFile() ?? nothingFound();
}

function fromProfile(name: string): Connection {
  const profiles = readProfiles();
  const profile = profiles.get(name);
  if (profile) return { ...profile, advice: `The address comes from profile ${name}.` };
  const known = [...profiles.keys()].join(', ');
  const hint = known === '' ? `Add it: muster profile add ${name} --url URL --key KEY` : `Known profiles: ${known}.`;
  throw wrongUsage(`Profile ${name} not found.`, hint);
}

function fromEnvironment(): Connection | undefined {
  const { MUSTER_URL: url, MUSTER_KEY: key } = process.env;
  if (!url) return undefined;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw wrongUsage(
      `MUSTER_URL is not a valid address: "${url}".`,
      'Set it to an address such as https://host or http://127.0.0.1:4800.',
    );
  }
  if (!key) throw wrongUsage('MUSTER_URL is set, but MUSTER_KEY is not.', 'Set it to an API key of that Muster.');
  // For example, because a file had different line endings.
  if (!/^[!-~]+$/.test(key))
    throw wrongUsage('MUSTER_KEY has characters that no API key has.', 'Set it again, without line breaks and spaces.');
  return { url, key, advice: 'The address comes from MUSTER_URL.' };
}

function fromLocalFile(): Connection | undefined {
  const file = dataFolders()
    .map((folder) => path.join(folder, 'local.json'))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  const parsed = LocalFile.safeParse(contentOf(file));
  if (!parsed.success) throw wrongUsage(`${file} cannot be read.`, `Restart Muster to write it again: ${howToStart}`);
  const { url, keys } = parsed.data;
  return {
    url,
    key: keys.admin,
    advice: `The address comes from ${file}; if Muster is not running, start it there: ${howToStart}`,
  };
}

/** The folder in MUSTER_DATA, or else `.muster` of the current folder and of its parents. */
function dataFolders(): string[] {
  const { MUSTER_DATA: data } = process.env;
  if (data) return [path.resolve(data)];
  const folders = [];
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    folders.push(path.join(folder, '.muster'));
    if (folder === path.dirname(folder)) return folders;
  }
}

/** The JSON in a file that only this user can read and write; undefined if it is not JSON. */
function contentOf(file: string): unknown {
  const descriptor = openSync(file, 'r');
  try {
    requireOwn(file, fstatSync(descriptor));
    return JSON.parse(readFileSync(descriptor, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function nothingFound(): never {
  const { MUSTER_DATA: data } = process.env;
  const looked = data ? `in MUSTER_DATA (${data})` : `in .muster of ${process.cwd()} and the folders above it`;
  throw new Failure(
    exitCodes.unreachable,
    `No Muster found: no local.json ${looked}, and MUSTER_URL is not set.`,
    `Start one here: ${howToStart}
Or add a deployed one: muster profile add NAME --url URL --key KEY, then use --profile NAME
Or set MUSTER_URL and MUSTER_KEY.`,
  );
}
