import type { Command } from 'commander';
import { printableJson } from '#shared/contract/printable.ts';
import { MusterClient, MusterError } from '../sdk/index.ts';
import { findMuster, type Connection } from './connection.ts';
import { exitCodes, Failure } from './failure.ts';

/** Options that every command has. */
interface GlobalOptions {
  json?: boolean;
  profile?: string;
}

/** What a command works with. */
export interface Session {
  client: MusterClient;
  output: Output;
}

/** Prints responses: as text for people, as JSON for programs. */
export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Prints a response. */
  answer(answer: unknown, view: () => string): void {
    console.log(this.json ? printableJson(answer, 2) : view());
  }

  /** Prints one of many items; in JSON, one per line. */
  item(item: unknown, view: () => string): void {
    console.log(this.json ? printableJson(item) : view());
  }
}

/** A person is waiting: better to fail early than to retry for long. */
const retries = 2;

/** The action of a command that calls Muster. */
export function talk(run: (session: Session, command: Command) => Promise<void>) {
  return async (...parameters: unknown[]): Promise<void> => {
    const command = parameters.at(-1) as Command;
    const connection = connectionOf(command);
    const client = new MusterClient({ url: connection.url, key: connection.key, retries });
    try {
      await run({ client, output: outputOf(command) }, command);
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== 'no_answer') throw error;
      throw new Failure(exitCodes.unreachable, error.detail, connection.advice, error);
    }
  };
}

/** The Muster that a command connects to. */
export const connectionOf = (command: Command): Connection =>
  findMuster(command.optsWithGlobals<GlobalOptions>().profile);

/** The output of a command. */
export const outputOf = (command: Command) => new Output(command.optsWithGlobals<GlobalOptions>().json === true);
