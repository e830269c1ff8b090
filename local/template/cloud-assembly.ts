import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TemplateSource } from './template.ts';

/** What `cdk deploy` would deploy: the template and the bundles it references. */
export interface Assembly {
  stackName: string;
  template: TemplateSource;
  /** Folder of the bundle with that S3 key. */
  bundleOf: (s3Key: string) => string;
}

/** Reads a cloud assembly with one stack. */
export function readAssembly(folder: string): Assembly {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { artifacts } = read('manifest.json') as {
    artifacts: Record<string, { type: string; properties: { file?: string; templateFile?: string } }>;
  };
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stack, ...others] = stacks;
  if (!stack || others.length > 0) {
    throw new Error(
      `The CDK app has ${stacks.length} stacks; local/ supports exactly one. Put everything in one stack.`,
    );
  }
  const [stackName, { properties }] = stack;
  const { files } = read(`${stackName}.assets.json`) as {
    files: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
  };
  const bundleOf = (s3Key: string): string => {
    const file = Object.values(files).find(({ destinations }) =>
      Object.values(destinations).some(({ objectKey }) => objectKey === s3Key),
    );
    if (!file) throw new Error(`The assets of ${stackName} do not include ${s3Key}. Remove build/ and start again.`);
    return join(folder, file.source.path);
  };
  return { stackName, template: read(properties.templateFile ?? '') as TemplateSource, bundleOf };
}
