import type { Command } from 'commander';
import type { Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import type { OperationName } from '../sdk/index.ts';

const rows: readonly Operation[] = operations;

/** The commands that perform operations, by operation name and route. */
const commands = new Map<string, Command>();
const mention = /\b(?:GET|POST|DELETE) \/[\w/{}]+|\b[a-z]+(?:_[a-z]+)+\b/g;

/** Registers the command that performs an operation. */
export function performs(operation: OperationName, command: Command): Command {
  commands.set(operation, command);
  const route = rows.find(({ name }) => name === operation)?.route;
  if (route !== undefined) commands.set(route, command);
  return command;
}

/** Text of the server, with commands in place of the operations it mentions. */
export function inWordsOfCommands(text: string): string {
  return text.replaceAll(mention, (mentioned) => {
    const command = commands.get(mentioned);
    if (!command) return mentioned;
    const group = command.parent?.parent ? `${command.parent.name()} ` : '';
    return `\`${group}${command.name()}\``;
  });
}
