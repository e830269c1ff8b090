import path from 'node:path';

/**
 * Folder of a bundled function, which CDK uploads: below `build`, which is beside the folder of this file in this repository, and
 * beside that of the code in the package @musterhq/cdk.
 */
export const bundlePath = (name: string) => path.resolve(import.meta.dirname, '../build', name);
