import type { Chance } from '../../support/random.ts';
import type { Process } from './process.ts';

/** The fate of one attempt of an AWS call. */
export type Fate =
  | { is: 'well' }
  /** Refused before anything happened; the SDK retries it. */
  | { is: 'throttled' }
  /** Refused permanently. */
  | { is: 'denied' }
  /** The request never arrives. */
  | { is: 'lost' }
  /** It happens so late that the SDK has already retried it, or given up. */
  | { is: 'late'; ms: number }
  /** It happens, but the response never arrives. */
  | { is: 'unanswered' }
  /** The process ends before the call, or after it happened but before its response. */
  | { is: 'killed before' }
  | { is: 'killed after' }
  /** The process is paused before the call, or before its response. */
  | { is: 'paused before'; ms: number }
  | { is: 'paused after'; ms: number }
  /** An eventually consistent read sees everything as it was this long ago. */
  | { is: 'stale'; ms: number };

export interface AwsCall {
  process: Process;
  action: string;
  input: object;
  /** The number of the call in the simulation. */
  n: number;
}

export interface AwsOptions {
  chance: Chance;
  fateOf: (call: AwsCall) => Fate;
  /** The latency of a message in one direction. */
  latencyMs: () => number;
  /** What AWS does, in one step. */
  perform: (call: AwsCall, lagMs: number | undefined) => object;
  trace: (call: AwsCall, what: string) => void;
}

/** How long the SDK waits for a response. */
const answerTimeoutMs = 3000;

/**
 * AWS calls as the SDK makes them: each attempt is sent, happens in one step, and returns; retryable ones are retried.
 */
export function awsCalls(options: AwsOptions): Process['callAws'] {
  const { chance, latencyMs } = options;
  let calls = 0;

  return async function callAws(process, action, input, maxAttempts) {
    const call: AwsCall = { process, action, input, n: (calls += 1) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptOnce(call);
      } catch (error) {
        if (attempt === maxAttempts || !isRepeated(error as Error)) throw error;
        await sleep(process, chance.fraction() * 50 * 2 ** attempt);
      }
    }
  };

  function attemptOnce(call: AwsCall): Promise<object> {
    const { process } = call;
    const fate = options.fateOf(call);
    if (fate.is !== 'well') options.trace(call, fate.is);
    return new Promise((resolve, reject) => {
      const refuse = (name: string, ms: number) => process.after(ms, () => reject(awsError(name)));
      if (fate.is === 'killed before') process.kill();
      if (fate.is === 'paused before') process.pause(fate.ms);
      if (fate.is === 'throttled') return refuse('ThrottlingException', latencyMs());
      if (fate.is === 'denied') return refuse('AccessDeniedException', latencyMs());
      if (fate.is === 'late') performLate(call, fate.ms);
      if (fate.is === 'lost' || fate.is === 'late') return refuse('TimeoutError', answerTimeoutMs);
      process.after(latencyMs(), () => {
        const answer = settled(() => options.perform(call, fate.is === 'stale' ? fate.ms : undefined));
        options.trace(call, describe(answer));
        if (fate.is === 'killed after') process.kill();
        if (fate.is === 'paused after') process.pause(fate.ms);
        if (fate.is === 'unanswered') refuse('TimeoutError', answerTimeoutMs);
        else process.after(latencyMs(), () => ('value' in answer ? resolve(answer.value) : reject(answer.error)));
      });
    });
  }

  /** Performs the call even if the process has ended. */
  function performLate(call: AwsCall, ms: number): void {
    call.process.scheduler.after(ms, () => {
      options.trace(call, `${describe(settled(() => options.perform(call, undefined)))}, late`);
    });
  }
}

const sleep = (process: Process, ms: number) => new Promise<void>((resolve) => process.after(ms, () => resolve()));

type Settled = { value: object } | { error: Error };

function settled(perform: () => object): Settled {
  try {
    return { value: perform() };
  } catch (error) {
    return { error: error as Error };
  }
}

const describe = (answer: Settled) => ('value' in answer ? 'done' : `refused: ${answer.error.name}`);

const isRepeated = ({ name }: Error) => name === 'ThrottlingException' || name === 'TimeoutError';

/** An error like the SDK's. */
const awsError = (name: string) =>
  Object.assign(new Error(`${name} of the simulation`), {
    name,
    $fault: name === 'AccessDeniedException' ? 'client' : 'server',
    $metadata: {},
  });
