/** The runtimes that packages are tested on: this Node.js, and others from the lock file of tools/, for Linux x64. */
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface Runtime {
  name: string;
  program: string;
  /** Arguments before the file to run. */
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

/** Why it cannot be used here. CI requires it. */
export const missing = ({ program }: Runtime) => missingTool(program);

/** The same for any tool in the lock file. */
export function missingTool(name: string): string | undefined {
  const program = path.resolve(tools, name);
  if (existsSync(program)) return undefined;
  const needed = 'needs npm ci --prefix test/packages/tools';
  if (process.env['CI'] !== undefined) throw new Error(`${program}: ${needed}`);
  return needed;
}
