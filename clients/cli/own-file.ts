import type { Stats } from 'node:fs';
import { wrongUsage } from './failure.ts';

const openToOthers = 0o077;

/**
 * Refuses a file that could have been written by another user: requests go to the address in it, with its key.
 * @param me this user; undefined on Windows, which has no such owners and modes
 * @throws Failure with what is wrong and what to do
 */
export function requireOwn(file: string, { uid, mode }: Pick<Stats, 'uid' | 'mode'>, me = process.getuid?.()): void {
  if (me === undefined) return;
  const instead = 'choose a Muster with --profile, or with MUSTER_URL and MUSTER_KEY.';
  if (uid !== me) {
    throw wrongUsage(
      `${file} belongs to another user (uid ${uid}), who could read what you send.`,
      `Start a Muster of your own in another folder, or ${instead}`,
    );
  }
  if ((mode & openToOthers) === 0) return;
  throw wrongUsage(
    `${file} is open to other users (mode ${(mode & 0o777).toString(8)}): they could take the key in it or replace it.`,
    `If it is yours, restart Muster, which writes it again; or ${instead}`,
  );
}
