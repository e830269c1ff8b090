import type { Properties } from '../template/resources.ts';
import { wildcard, type Matches } from '../template/wildcard.ts';

export type PolicyStatement = Properties<'AWS::IAM::Policy'>['PolicyDocument']['Statement'][number];

/** A pattern of a statement, and whether anything it allows was ever done. */
export interface Pattern {
  text: string;
  matches: Matches;
  used: boolean;
}

/** A policy statement with its patterns compiled. */
export interface Statement {
  allows: boolean;
  actions: Pattern[];
  resources: Pattern[];
  /** One list per condition on `dynamodb:LeadingKeys`; every key must match a pattern of each list. */
  conditions: Pattern[][];
}

export function compile({ Effect, Action, Resource, Condition = {} }: PolicyStatement): Statement {
  const like = (text: string): Pattern => ({ text, matches: wildcard(text), used: false });
  const equal = (text: string): Pattern => ({ text, matches: (other) => other === text, used: false });
  const keys = (condition: (typeof Condition)['ForAllValues:StringLike'], pattern: (text: string) => Pattern) =>
    condition ? [condition['dynamodb:LeadingKeys'].map(pattern)] : [];
  return {
    allows: Effect === 'Allow',
    // IAM action names are case-insensitive.
    actions: Action.map((text) => ({ ...like(text.toLowerCase()), text })),
    resources: Resource.map(like),
    conditions: [
      ...keys(Condition['ForAllValues:StringEquals'], equal),
      ...keys(Condition['ForAllValues:StringLike'], like),
    ],
  };
}
