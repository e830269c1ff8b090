import type { Pattern, Statement } from './statement.ts';

/** One action on one resource: what a role allows or not. */
export interface AccessRequest {
  /** For example `dynamodb:PutItem`. */
  action: string;
  /** ARN, or `*` for an action that is on no resource. */
  resource: string;
  /** Reads the partition keys of the items that are named; undefined where none are. */
  leadingKeys?: () => readonly string[];
}

export type Decision = 'allowed' | 'not allowed' | 'denied';

/** A statement that is about one action on one resource, by these of its patterns. */
interface Match {
  statement: Statement;
  action: Pattern;
  resource: Pattern;
}

const maxKnown = 1000;

/** What the policies of a role allow. Each pair of action and resource is looked up in the statements only once. */
export class Role {
  /** Of the session: the user in the words of a refusal. */
  readonly arn: string;
  readonly statements: readonly Statement[];
  readonly #known = new Map<string, Match[]>();

  constructor(arn: string, statements: readonly Statement[]) {
    this.arn = arn;
    this.statements = statements;
  }

  /** Whether a statement allows it and none denies it. */
  decide({ action, resource, leadingKeys }: AccessRequest): Decision {
    for (const match of this.#matches(action, resource)) {
      if (!meets(match.statement, leadingKeys)) continue;
      if (!match.statement.allows) return 'denied';
      match.action.used = true;
      match.resource.used = true;
      return 'allowed';
    }
    return 'not allowed';
  }

  /** Those that deny come first. */
  #matches(action: string, resource: string): Match[] {
    const name = `${action} ${resource}`;
    const known = this.#known.get(name);
    if (known) return known;
    const lowerCase = action.toLowerCase();
    const found = this.statements.flatMap((statement) => {
      const byAction = statement.actions.find(({ matches }) => matches(lowerCase));
      const byResource = statement.resources.find(({ matches }) => matches(resource));
      return byAction && byResource ? [{ statement, action: byAction, resource: byResource }] : [];
    });
    const sorted = found.sort((one, other) => Number(one.statement.allows) - Number(other.statement.allows));
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(name, sorted);
    return sorted;
  }
}

/** `ForAllValues` as IAM has it: a request that names no item meets it. */
function meets({ conditions }: Statement, leadingKeys: AccessRequest['leadingKeys']): boolean {
  if (conditions.length === 0 || !leadingKeys) return true;
  const keys = leadingKeys();
  return conditions.every((patterns) => keys.every((key) => patterns.some((pattern) => matchesKey(pattern, key))));
}

function matchesKey(pattern: Pattern, key: string): boolean {
  if (!pattern.matches(key)) return false;
  pattern.used = true;
  return true;
}
