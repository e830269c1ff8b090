import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A server started for the bench, with its data in a temporary folder. */
export interface Server {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

/** Where Debian keeps PostgreSQL's server programs. */
const versionsOfPostgres = '/usr/lib/postgresql';

/** The folder of PostgreSQL's programs, if it is installed. */
export function findPostgres(): string | undefined {
  const versions = existsSync(versionsOfPostgres) ? readdirSync(versionsOfPostgres) : [];
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const folders = [...searchPath(), ...newestFirst.map((version) => path.join(versionsOfPostgres, version, 'bin'))];
  return folders.find((folder) => isProgram(path.join(folder, 'initdb')));
}

/** The Redis server, if it is installed. */
export const findRedis = (): string | undefined =>
  searchPath()
    .map((folder) => path.join(folder, 'redis-server'))
    .find(isProgram);

/** The version that a program reports. */
export const versionOf = (program: string): string =>
  /\d+\.\d[\d.]*/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown';

/** Starts PostgreSQL with its default configuration, and enough connections for 20 agents. */
export async function startPostgres(programs: string): Promise<Server> {
  const folder = temporaryFolder();
  const options = asUserOf(folder);
  const data = path.join(folder, 'data');
  const initialize = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  execFileSync(path.join(programs, 'initdb'), initialize, { ...options, stdio: 'ignore' });
  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'max_connections=200',
  ];
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn(path.join(programs, 'postgres'), args, options);
  // SIGINT does not wait for clients.
  return { port, ...(await whenReady(server, folder, 'ready to accept connections', 'SIGINT')) };
}

/** Starts Redis so that at most a second of accepted writes can be lost. */
export async function startRedis(program: string): Promise<Server> {
  const folder = temporaryFolder();
  const port = await freePort();
  const settings = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--save',
    '',
  ];
  return { port, ...(await whenReady(spawn(program, settings), folder, 'Ready to accept connections', 'SIGTERM')) };
}

/** A folder for the data of one server, removed when it stops. */
export const temporaryFolder = (): string => mkdtempSync(path.join(tmpdir(), 'muster-peers-'));

/** Waits until a server is ready. It is stopped with this process at the latest. */
export async function whenReady(
  server: ChildProcess,
  folder: string,
  ready: string,
  stopSignal: NodeJS.Signals,
): Promise<{ pid: number; stop: () => Promise<void> }> {
  const ended = once(server, 'close');
  const kill = () => {
    server.kill(stopSignal);
  };
  process.once('exit', kill);
  let output = '';
  const isReady = new Promise<void>((resolve) => {
    const read = (text: Buffer) => {
      output += text.toString();
      if (output.includes(ready)) resolve();
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
  });
  const notStarted = ended.then(() => {
    throw new Error(`${server.spawnfile} did not start: ${output}`);
  });
  const stop = async () => {
    kill();
    await ended;
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  await Promise.race([isReady, notStarted]);
  // May reject when it is no longer awaited.
  notStarted.catch(() => undefined);
  return { pid: server.pid ?? 0, stop };
}

/** PostgreSQL refuses to run as root; in that case it gets its own user, who owns the folder. */
function asUserOf(folder: string): SpawnOptions {
  if (process.getuid?.() !== 0) return { cwd: folder };
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  return { cwd: folder, uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const searchPath = (): string[] => (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
