import type { buildApp } from 'fauxqs';

export type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
export type SqsStore = Stores['sqsStore'];

/** The package does not export it. A bundle replaces this module by that file of the package. */
const file = new URL('sqs/sqsStore.js', import.meta.resolve('fauxqs'));

export const { SqsStore } = (await import(file.href)) as { SqsStore: new () => SqsStore };
