import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** How much the functions of a Muster have logged. */
export function logBytes(folder: string): number {
  const logs = path.join(folder, 'logs');
  return readdirSync(logs).reduce((sum, name) => sum + statSync(path.join(logs, name)).size, 0);
}
