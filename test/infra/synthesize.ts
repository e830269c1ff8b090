import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '#infra/app.ts';
import { bundleFunctions, type FunctionName } from '#scripts/bundle.ts';
import { MusterStack } from '#infra/stack.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  DependsOn?: string[];
}

/**
 * A stage's stack and its template, with references and logical ids replaced by readable construct paths:
 * `StorageTasks`.
 */
export interface Synthesized {
  stack: MusterStack;
  resources: Record<string, Resource>;
  outputs: Record<string, { Value: string }>;
  /** The name of the resource that a token refers to. */
  nameOf(token: unknown): unknown;
}

const made = new Map<string, Promise<Synthesized>>();

/**
 * Bundles the functions if they have changed and synthesizes a stage's template, like `npx cdk synth -c name=value`.
 * The tests of a process share the result for the same settings and must not change it.
 */
export function synthesize(stage = 'dev', settings: Record<string, string> = {}): Promise<Synthesized> {
  const key = JSON.stringify([stage, settings]);
  const known = made.get(key) ?? synthesizeAnew(stage, settings);
  made.set(key, known);
  return known;
}

async function synthesizeAnew(stage: string, settings: Record<string, string>): Promise<Synthesized> {
  await bundleFunctions();
  // Validating the template against CDK's rules takes longer than all these tests; `.ci/run` enables it.
  process.env.CDK_VALIDATION = 'false';
  const outdir = mkdtempSync(path.join(tmpdir(), 'muster-infra-'));
  try {
    const stack = buildApp({ outdir, settings: { ...settings, stage } }).node.children.find(
      (child) => child instanceof MusterStack,
    );
    if (stack === undefined) throw new Error('the app has no MusterStack');
    const { Resources, Outputs } = readable(Template.fromStack(stack).toJSON()) as {
      Resources: Record<string, Resource>;
      Outputs: Synthesized['outputs'];
    };
    const named = Object.entries(Resources).map(([id, resource]) => [nameOf(id), resource] as const);
    return {
      stack,
      resources: Object.fromEntries(named),
      outputs: Outputs,
      nameOf: (token) => readable(stack.resolve(token)),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The properties of all resources of a type, by name. */
export function allOf({ resources }: Synthesized, type: string): Record<string, Resource['Properties']> {
  const found = Object.entries(resources).filter(([, { Type }]) => Type === type);
  return Object.fromEntries(found.map(([name, { Properties }]) => [name, Properties]));
}

/** The properties of the only resource of a type that matches. */
export function only(
  muster: Synthesized,
  type: string,
  matches: (properties: Resource['Properties']) => boolean = () => true,
): Resource['Properties'] {
  const [found, ...others] = Object.values(allOf(muster, type)).filter(matches);
  if (found === undefined || others.length > 0) {
    throw new Error(`expected one ${type} to match, found ${found ? others.length + 1 : 0}`);
  }
  return found;
}

/** The function with this name in its logs and metrics. */
export function functionNamed(muster: Synthesized, name: FunctionName): Resource['Properties'] {
  return only(muster, 'AWS::Lambda::Function', (properties) => serviceOf(properties) === name);
}

/** The name that a function uses for itself. */
export function serviceOf({ Environment }: Resource['Properties']): string | undefined {
  return (Environment as { Variables: Record<string, string> }).Variables['POWERTOOLS_SERVICE_NAME'];
}

/** Replaces references to resources by their names. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(readable);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return nameOf(Ref);
  if (Array.isArray(attribute)) return nameOf(String(attribute[0])) + (attribute[1] === 'StreamArn' ? '/stream' : '');
  if (Array.isArray(join)) return (readable(join[1]) as unknown[]).join('');
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}

function nameOf(logicalId: string): string {
  return logicalId.replace(/^Muster(?=[A-Z])/, '').replace(/[0-9A-F]{8}$/, '');
}
