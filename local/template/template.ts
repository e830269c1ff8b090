import { account, partition, region } from './aws.ts';
import { identify } from './identity.ts';
import type { Identity } from './identity.ts';
import { resolve } from './intrinsics.ts';
import { cloudOnlyTypes, handled } from './resources.ts';
import type { HandledType, Properties } from './resources.ts';

/** A synthesized CloudFormation template as JSON. */
export interface TemplateSource {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown>; Condition?: string }>;
  Outputs?: Record<string, { Value: unknown }>;
  Parameters?: Record<string, { Default?: unknown }>;
}

export interface Resource<T extends HandledType> extends Identity {
  type: T;
  logicalId: string;
  properties: Properties<T>;
}

/** A template whose intrinsic functions are resolved and whose properties are checked. */
export interface Template {
  readonly stackName: string;
  readonly outputs: Record<string, unknown>;
  /** All resources of a type, in the order of the template. */
  all<T extends HandledType>(type: T): Resource<T>[];
  /** The resource of that type with this Ref, ARN or logical id, if it exists. */
  find<T extends HandledType>(type: T, reference: string): Resource<T> | undefined;
  /** The same, but the resource must exist. `from` is the referrer, for the error message. */
  get<T extends HandledType>(type: T, reference: string, from: string): Resource<T>;
}

/**
 * Resolves and checks a template.
 * @param edgeUrl address of the edge, the base of the queue URLs
 * @throws Error for a resource type, property or value that local/ does not support
 */
export function readTemplate(source: TemplateSource, stackName: string, edgeUrl: string): Template {
  const references = referencesOf(source, stackName, edgeUrl);
  const resources = Object.entries(source.Resources).flatMap(([logicalId, { Type, Properties = {}, Condition }]) => {
    if (cloudOnlyTypes.has(Type)) return [];
    if (Condition !== undefined) throw refusal(logicalId, Type, 'local/ does not support conditions');
    if (!isHandled(Type)) throw refusal(logicalId, Type, 'local/ does not know this resource type');
    const properties = check(logicalId, Type, resolve(Properties, references));
    return [{ type: Type, logicalId, ...references.identity(logicalId), properties }];
  });

  const all = <T extends HandledType>(type: T): Resource<T>[] =>
    resources.filter((resource): resource is Resource<T> => resource.type === type);
  const find = <T extends HandledType>(type: T, reference: string): Resource<T> | undefined =>
    all(type).find((resource) =>
      [resource.logicalId, resource.ref, ...Object.values(resource.attributes)].includes(reference),
    );
  const get = <T extends HandledType>(type: T, reference: string, from: string): Resource<T> => {
    const found = find(type, reference);
    if (!found)
      throw new Error(`${from} refers to ${reference}, which is not an ${type} of the template. Check infra/.`);
    return found;
  };
  const outputs = Object.entries(source.Outputs ?? {}).map(([name, { Value }]) => [name, resolve(Value, references)]);
  return { stackName, outputs: Object.fromEntries(outputs) as Record<string, unknown>, all, find, get };
}

function referencesOf(source: TemplateSource, stackName: string, edgeUrl: string) {
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': account,
    'AWS::NoValue': undefined,
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::StackId': `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const identity = (logicalId: string): Identity => {
    const resource = source.Resources[logicalId];
    if (!resource) throw new Error(`The template refers to ${logicalId}, which it does not define. Check infra/.`);
    const property = (name: string): string | undefined =>
      resolve(resource.Properties?.[name], references) as string | undefined;
    return identify(resource.Type, { logicalId, generatedName: `${stackName}-${logicalId}`, edgeUrl, property });
  };
  const references = {
    identity,
    ref: (name: string): unknown => {
      if (name in pseudo) return pseudo[name];
      const parameter = source.Parameters?.[name];
      return parameter ? parameter.Default : identity(name).ref;
    },
    attribute: (logicalId: string, name: string): unknown => {
      const value = identity(logicalId).attributes[name];
      if (value === undefined) {
        const type = source.Resources[logicalId]?.Type ?? '';
        throw new Error(
          `The template asks for the attribute ${name} of ${logicalId} (${type}), which local/ does not provide. ` +
            'Add it to local/template/identity.ts.',
        );
      }
      return value;
    },
  };
  return references;
}

const isHandled = (type: string): type is HandledType => type in handled;

function check(logicalId: string, type: HandledType, properties: unknown): Properties<HandledType> {
  const parsed = handled[type].safeParse(properties, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => (at ? `${at}.${key}` : key)).join(', ');
    throw refusal(logicalId, type, `local/ does not know the property ${names}`);
  }
  throw refusal(
    logicalId,
    type,
    `local/ does not support the value ${JSON.stringify(issue?.input)} of the property ${at}`,
  );
}

const refusal = (logicalId: string, type: string, why: string): Error =>
  new Error(
    `${logicalId} (${type}): ${why}. Handle it in local/ and add it to local/template/resources.ts, ` +
      'or list it there as meaningful on AWS only.',
  );
