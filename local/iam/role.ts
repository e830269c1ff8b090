import type { Pattern, Statement } from './statement.ts';

/** An action on a resource, to be checked against a role. */
export interface AccessRequest {
  /** For example `dynamodb:PutItem`. */
  action: string;
  /** An ARN, or `*` for an action without a resource. */
  resource: string;
  /** Reads the partition keys of the items in the call; undefined if it names none. */
  leadingKeys?: () => readonly string[];
}

export type Decision = 'allowed' | 'not allowed' | 'denied';

/** A statement that applies to an action and resource, with the matching patterns. */
interface Match {
  statement: Statement;
  action: Pattern;
  resource: Pattern;
}

const maxKnown = 1000;

/** What the policies of a role allow. Statements for a pair of action and resource are only looked up once. */
export class Role {
  /** ARN of the session, which is the user in a refusal's message. */
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

  /** Deny statements come first. */
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

/** As in IAM, `ForAllValues` also holds for a request that names no item. */
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
