import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The number of bytes that a Muster's functions have logged. */
export function logBytes(folder: string): number {
  const logs = path.join(folder, 'logs');
  return readdirSync(logs).reduce((sum, name) => sum + statSync(path.join(logs, name)).size, 0);
}

/** The average number of bytes that the api logs per call of an operation. */
export function lineBytes(folder: string, operation: string): number {
  const lines = readFileSync(path.join(folder, 'logs', 'api.log'), 'utf8').split('\n');
  const its = lines.filter((line) => line.includes(`"operation":"${operation}"`));
  return its.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) / Math.max(its.length, 1);
}
