import type { Properties } from '../template/resources.ts';
import { wildcard, type Matches } from '../template/wildcard.ts';

export type PolicyStatement = Properties<'AWS::IAM::Policy'>['PolicyDocument']['Statement'][number];

/** One pattern of a statement, and whether anything that it allowed was ever done. */
export interface Pattern {
  text: string;
  matches: Matches;
  used: boolean;
}

/** A statement of a policy, with its patterns compiled. */
export interface Statement {
  allows: boolean;
  actions: Pattern[];
  resources: Pattern[];
  /** One list for each condition on `dynamodb:LeadingKeys`; each must have a pattern for every key. */
  conditions: Pattern[][];
}

export function compile({ Effect, Action, Resource, Condition = {} }: PolicyStatement): Statement {
  const like = (text: string): Pattern => ({ text, matches: wildcard(text), used: false });
  const equal = (text: string): Pattern => ({ text, matches: (other) => other === text, used: false });
  const keys = (condition: (typeof Condition)['ForAllValues:StringLike'], pattern: (text: string) => Pattern) =>
    condition ? [condition['dynamodb:LeadingKeys'].map(pattern)] : [];
  return {
    allows: Effect === 'Allow',
    // IAM does not tell upper case from lower in the names of actions.
    actions: Action.map((text) => ({ ...like(text.toLowerCase()), text })),
    resources: Resource.map(like),
    conditions: [
      ...keys(Condition['ForAllValues:StringEquals'], equal),
      ...keys(Condition['ForAllValues:StringLike'], like),
    ],
  };
}
