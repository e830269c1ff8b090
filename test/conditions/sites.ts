/** Where conditions are used: each kind of write that has one, found by letting cases run. */
import { MemoryDynamoDb } from '../support/memory-dynamodb.ts';
import { TestPorts } from '../support/test-ports.ts';
import type { Write } from '../simulation/dynamodb/dynamodb.ts';
import { normalized, without } from './clauses.ts';

/** What a case works with: tables of its own, and the ports of a first process. */
export interface World {
  dynamodb: MemoryDynamoDb;
  ports: TestPorts;
}

/** Some writes under a condition, each clause of which decides what the case expects. It fails by throwing. */
export type Case = (world: World) => Promise<void>;

/** A clause that is left out wherever a site uses its condition. */
export interface Omission {
  site: string;
  clause: string;
}

/** Runs a case. @returns the sites that it came by, each with its condition */
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

/** The kind of a write: of which item, what it changes first, and under which condition. */
export function siteOf({ action, input }: Write): string {
  const { pk, sk } = ('Item' in input ? input.Item : 'Key' in input ? input.Key : undefined) ?? {};
  const [change = ''] = ('UpdateExpression' in input && /^\s*\w+ [\w.#]+/.exec(input.UpdateExpression ?? '')) || [];
  const parts = [action, kindOf(pk?.S ?? ''), kindOf(sk?.S ?? ''), change.trim(), 'IF', ...clauseTexts(input)];
  return normalized(parts.join(' '));
}

/** However many entries an offer has, their clauses are one. */
const clauseTexts = ({ ConditionExpression: expression = '' }: Write['input']) => [
  ...new Set(normalized(expression).split(' AND ')),
];

/** Keys are made of capital letters that say what they are of, and names. */
const kindOf = (key: string) => (/^[A-Z]{1,2}$/.test(key) ? key : key.replace(/^([A-Z]#)?.*$/, '$1...'));
