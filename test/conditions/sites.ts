/** The sites where conditions are used: each kind of conditional write, found by running cases. */
import { MemoryDynamoDb } from '../support/memory-dynamodb.ts';
import { TestPorts } from '../support/test-ports.ts';
import type { Write } from '../simulation/dynamodb/dynamodb.ts';
import { normalized, without } from './clauses.ts';

/** The environment of a case: its own tables, and the ports of a first process. */
export interface World {
  dynamodb: MemoryDynamoDb;
  ports: TestPorts;
}

/** Conditional writes, each clause of which decides what the case expects. A case fails by throwing. */
export type Case = (world: World) => Promise<void>;

/** A clause to omit wherever a site uses its condition. */
export interface Omission {
  site: string;
  clause: string;
}

/**
 * Runs a case.
 * @returns the sites that it reached, each with its condition
 */
export async function runCase(run: Case, omission?: Omission): Promise<Map<string, string>> {
  const sites = new Map<string, string>();
  const dynamodb = new MemoryDynamoDb({
    editCondition: (condition, write) => {
      const expression = write.input.ConditionExpression ?? '';
      const site = siteOf(write);
      sites.set(site, expression);
      return site === omission?.site ? without(condition, expression, omission.clause) : condition;
    },
  });
  await run({ dynamodb, ports: new TestPorts(dynamodb) });
  return sites;
}

/** The kind of a write: the item, its first change, and its condition. */
export function siteOf({ action, input }: Write): string {
  const { pk, sk } = ('Item' in input ? input.Item : 'Key' in input ? input.Key : undefined) ?? {};
  const [change = ''] = ('UpdateExpression' in input && /^\s*\w+ [\w.#]+/.exec(input.UpdateExpression ?? '')) || [];
  const parts = [action, kindOf(pk?.S ?? ''), kindOf(sk?.S ?? ''), change.trim(), 'IF', ...clauseTexts(input)];
  return normalized(parts.join(' '));
}

/** The clauses of an offer's entries count as one, regardless of their number. */
const clauseTexts = ({ ConditionExpression: expression = '' }: Write['input']) => [
  ...new Set(normalized(expression).split(' AND ')),
];

/** Keys consist of capital letters for the kind, and names. */
const kindOf = (key: string) => (/^[A-Z]{1,2}$/.test(key) ? key : key.replace(/^([A-Z]#)?.*$/, '$1...'));
