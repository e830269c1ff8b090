import { operator } from '../edge/aws-client.ts';
import { unknownCredentials, type AwsAnswer, type AwsCall } from '../edge/call.ts';
import { account, partition } from '../template/aws.ts';
import type { Resource, Template } from '../template/template.ts';
import { accessRequests } from './access-requests.ts';
import { accessDenied } from './refusal.ts';
import { Role } from './role.ts';
import { compile } from './statement.ts';
import { tablesOf, type Tables } from './tables.ts';

/** A part of a statement that was never needed. */
export interface UnusedPart {
  /** Logical id. */
  functionId: string;
  /** The resources of the whole statement. */
  resources: string[];
  leadingKeys: string[];
  /** The action, resource or leading key that was never needed. */
  unused: string;
}

/** What the functions of a template may do on AWS, according to the policies of their roles. */
export class Policies {
  readonly #roles: ReadonlyMap<string, Role>;
  readonly #tables: Tables;

  constructor(template: Template) {
    this.#roles = new Map(template.all('AWS::Lambda::Function').map((fn) => [fn.logicalId, roleOf(fn, template)]));
    this.#tables = tablesOf(template);
  }

  /** The refusal of a call that the caller's role does not allow; undefined if allowed. */
  authorize(call: AwsCall): AwsAnswer | undefined {
    const role = this.#roles.get(call.caller);
    if (!role) return call.caller === operator ? undefined : unknownCredentials;
    for (const request of accessRequests(call, this.#tables)) {
      const decision = role.decide(request);
      if (decision !== 'allowed') return accessDenied(call.service, role.arn, request, decision);
    }
    return undefined;
  }

  /** The permissions that were never needed since the start. */
  unused(): UnusedPart[] {
    return [...this.#roles].flatMap(([functionId, { statements }]) =>
      statements.flatMap(({ actions, resources, conditions }) =>
        [...actions, ...resources, ...conditions.flat()]
          .filter(({ used }) => !used)
          .map(({ text: unused }) => ({
            functionId,
            resources: resources.map(({ text }) => text),
            leadingKeys: conditions.flat().map(({ text }) => text),
            unused,
          })),
      ),
    );
  }
}

function roleOf({ ref, logicalId, properties }: Resource<'AWS::Lambda::Function'>, template: Template): Role {
  const role = template.get('AWS::IAM::Role', properties.Role, logicalId);
  const policies = template.all('AWS::IAM::Policy').filter((policy) => policy.properties.Roles.includes(role.ref));
  const documents = [...role.properties.Policies, ...policies.map((policy) => policy.properties)];
  return new Role(
    `arn:${partition}:sts::${account}:assumed-role/${role.ref}/${ref}`,
    documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map(compile)),
  );
}
