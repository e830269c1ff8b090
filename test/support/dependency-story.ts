import fc, { type Scheduler } from 'fast-check';
import type { TaskRecord } from '#shared/domain/task.ts';

/** What happens to a dependency, step by step. */
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
  /** Individual policies of dependencies. */
  ownPolicies: (TaskRecord['policy'] | undefined)[];
  /** How often each event is delivered. */
  deliveries: number[];
  /** Whether the process that completes a dependency lives long enough to update the waiting tasks. */
  survives: boolean[];
  /** How many callers create the task, with the same idempotency key. */
  creators: number;
  /** How many other responses each call lets pass before it reaches the store. */
  pauses: number[];
  /**
   * How many responses pass between the read of the dependencies and the write of the task, during which recorded
   * states find no task yet.
   */
  creationPause: number;
  /** Whether an eventually consistent read returns the task before its last change. */
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
