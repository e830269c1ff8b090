import type { Command } from 'commander';
import type { InputOf, MusterClient, OperationName, OutputOf } from '../sdk/index.ts';
import { addArgument, addOption, fieldsOf, isInPath, rowOf, valueOf, type Field } from './fields.ts';
import { talk, type Session } from './session.ts';
import { StatusLine } from './views/status-line.ts';
import { table, type Column } from './views/table.ts';
import { performs } from './words.ts';

interface OperationCommand<Name extends OperationName> {
  name: string;
  operation: Name;
  /** Fields given without a name, after the path parameters. */
  positional?: readonly string[];
  /** Runs if no command of its group is given. */
  isDefault?: boolean;
  show: (answer: OutputOf<Name>) => string;
  /** What the command waits for after printing the response. */
  then?: (session: Session, answer: OutputOf<Name>) => Promise<void>;
}

/** Adds a command that performs an operation, with arguments and options derived from the operation's input. */
export function addOperation<Name extends OperationName>(parent: Command, spec: OperationCommand<Name>): Command {
  const { operation, show, then } = spec;
  const [command, readInput] = addCommand(parent, spec, fieldsOf(operation));
  return command.action(
    talk(async (session) => {
      const answer = await session.client.call(operation, await readInput());
      session.output.answer(answer, () => show(answer));
      await then?.(session, answer);
    }),
  );
}

interface ListCommand<Name extends OperationName, Row> {
  operation: Name;
  /** Replaces the operation's description, which explains pages. */
  description?: string;
  columns: readonly Column<Row>[];
  /** All matching rows, fetched page by page. */
  rows: (client: MusterClient, filter: InputOf<Name>) => AsyncIterable<Row>;
}

const defaultLimit = 50;
const maxPage = 100;

/** Adds the command `list`, which reads all pages. */
export function addList<Name extends OperationName, Row>(parent: Command, spec: ListCommand<Name, Row>): Command {
  const filters = fieldsOf(spec.operation).filter(({ name }) => name !== 'limit' && name !== 'cursor');
  const [command, readInput] = addCommand(parent, { name: 'list', operation: spec.operation }, filters);
  const limitField: Field = { name: 'limit', kind: 'n', schema: { default: defaultLimit }, isRequired: false };
  if (spec.description !== undefined) command.summary(spec.description).description(spec.description);
  return command
    .option('--limit <n>', 'Maximum number of items', String(defaultLimit))
    .option('--all', 'List all items')
    .action(
      talk(async ({ client, output }) => {
        const { limit, all } = command.opts<{ limit: string; all?: true }>();
        const most = all ? Infinity : Number(await valueOf(limitField, limit));
        const filter = { ...(await readInput()), limit: Math.min(most, maxPage) } as InputOf<Name>;
        const listed: Row[] = [];
        const status = new StatusLine();
        for await (const row of spec.rows(client, filter)) {
          if (output.json) output.item(row, String);
          listed.push(row);
          if (!output.json && listed.length % maxPage === 0) status.show(`Reading: ${listed.length} so far`);
          if (listed.length >= most) break;
        }
        status.end();
        if (!output.json) console.log(listed.length === 0 ? 'None.' : table(spec.columns, listed));
        if (listed.length >= most) console.error(`Listed ${most}; there may be more: use --limit N or --all.`);
      }),
    );
}

/** Adds a command, and returns it with a function that reads the operation's input from its arguments. */
export function addCommand(
  parent: Command,
  { name, operation, positional = [], isDefault = false }: Omit<OperationCommand<OperationName>, 'show' | 'then'>,
  fields: readonly Field[],
) {
  const { summary, description } = rowOf(operation);
  const command = parent
    .command(name, { isDefault })
    .summary(summary)
    .description([summary, description].filter(Boolean).join('.\n'));
  performs(operation, command);
  const [inOrder, named] = partition(
    fields,
    (field) => isInPath(operation, field.name) || positional.includes(field.name),
  );
  inOrder.sort((a, b) => Number(isInPath(operation, b.name)) - Number(isInPath(operation, a.name)));
  for (const field of inOrder) addArgument(command, field);
  const options = named.map((field) => ({ field, attribute: addOption(command, field).attributeName() }));

  const readInput = async (): Promise<Record<string, unknown>> => {
    const input: Record<string, unknown> = {};
    for (const [index, field] of inOrder.entries()) {
      const written = command.processedArgs[index] as unknown;
      if (written !== undefined) input[field.name] = await valueOf(field, written);
    }
    for (const { field, attribute } of options) {
      // The server applies defaults; here they are only shown.
      if (command.getOptionValueSource(attribute) === 'default') continue;
      const written = command.getOptionValue(attribute) as unknown;
      if (written !== undefined) input[field.name] = await valueOf(field, written);
    }
    return input;
  };
  return [command, readInput] as const;
}

function partition<T>(values: readonly T[], test: (value: T) => boolean): [T[], T[]] {
  return [values.filter(test), values.filter((value) => !test(value))];
}
