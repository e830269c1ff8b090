/** What packages run on: this Node, and others that the lock of tools/ brings, for Linux x64. */
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface Runtime {
  name: string;
  program: string;
  /** What comes before the file to run. */
  args: string[];
}

const tools = path.join(import.meta.dirname, 'tools/node_modules');

const brought = (name: string, file: string, args: string[] = []): Runtime => ({
  name,
  program: path.join(tools, file),
  args,
});

export const node20 = brought('Node 20', 'node20/bin/node');
export const node22 = brought('Node 22', 'node22/bin/node');
export const node24: Runtime = { name: 'Node 24', program: process.execPath, args: [] };
export const bun = brought('Bun', '@oven/bun-linux-x64/bin/bun');
export const deno = brought('Deno', '@deno/linux-x64-glibc/deno', ['run', '--allow-all', '--node-modules-dir=manual']);

/** Why it cannot be used here. In CI it must be there. */
export const missing = ({ program }: Runtime) => missingTool(program);

/** The same of anything that the lock brings. */
export function missingTool(name: string): string | undefined {
  const program = path.resolve(tools, name);
  if (existsSync(program)) return undefined;
  const needed = 'needs npm ci --prefix test/packages/tools';
  if (process.env['CI'] !== undefined) throw new Error(`${program}: ${needed}`);
  return needed;
}
