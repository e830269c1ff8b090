import path from 'node:path';

/**
 * The folder of a bundled function, which CDK uploads: below `build`, a sibling of this file's folder, both in this
 * repository and in the package @musterhq/cdk.
 */
export const bundlePath = (name: string) => path.resolve(import.meta.dirname, '../build', name);
