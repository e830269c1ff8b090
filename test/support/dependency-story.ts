import fc, { type Scheduler } from 'fast-check';
import type { TaskRecord } from '#shared/domain/task.ts';

/** What becomes of a dependency, step by step. */
export type Step = 'complete' | 'fail' | 'cancel' | 'retry';
export const fates = {
  'stays open': [],
  completes: ['complete'],
  fails: ['fail'],
  'is cancelled': ['cancel'],
  'fails and is retried': ['fail', 'retry'],
  'fails, is retried and completes': ['fail', 'retry', 'complete'],
  'is cancelled, is retried and fails': ['cancel', 'retry', 'fail'],
} as const satisfies Record<string, readonly Step[]>;
export type Fate = keyof typeof fates;

/** What happens to a task and its dependencies, and in which order. */
export interface Story {
  fates: Fate[];
  policy: TaskRecord['policy'];
  /** Policies of single dependencies, where they have their own. */
  ownPolicies: (TaskRecord['policy'] | undefined)[];
  /** How often each event arrives. */
  deliveries: number[];
  /** Whether whoever completes a dependency lives to tell the tasks that wait for it. */
  survives: boolean[];
  /** How many callers create the task, under one idempotency key. */
  creators: number;
  /** How many other answers each call lets pass before it reaches the store. */
  pauses: number[];
  /** How many pass between the look at the dependencies and the write of the task: time for marks to find no task yet. */
  creationPause: number;
  /** Whether a read that need not be consistent sees the task as it was before its last change. */
  stale: boolean[];
  schedule: Scheduler;
}

const policies = ['block', 'cancel', 'run_anyway'] as const;

const many = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 20, maxLength: 20 });

export const story = (among: readonly Fate[], deliveries: readonly number[]): fc.Arbitrary<Story> =>
  fc.record({
    fates: fc.array(fc.constantFrom(...among), { minLength: 1, maxLength: 4 }),
    policy: fc.constantFrom(...policies),
    ownPolicies: many(fc.constantFrom(undefined, undefined, ...policies)),
    deliveries: many(fc.constantFrom(...deliveries)),
    survives: many(fc.boolean()),
    creators: fc.integer({ min: 1, max: 3 }),
    pauses: many(fc.constantFrom(0, 0, 0, 4, 12)),
    creationPause: fc.constantFrom(0, 20, 60),
    stale: many(fc.boolean()),
    schedule: fc.scheduler(),
  });
