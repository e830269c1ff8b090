import type { Chance } from '../../support/random.ts';
import type { Process } from './process.ts';

/** What becomes of one attempt of a call to AWS. */
export type Fate =
  | { is: 'well' }
  /** Refused before anything happened, in a way that the SDK repeats. */
  | { is: 'throttled' }
  /** Refused for good. */
  | { is: 'denied' }
  /** The request never arrives. */
  | { is: 'lost' }
  /** It happens so much later that the SDK has long repeated it, or given up. */
  | { is: 'late'; ms: number }
  /** It happens, and the answer never arrives. */
  | { is: 'unanswered' }
  /** The process ends before the call, or after it happened and before its answer. */
  | { is: 'killed before' }
  | { is: 'killed after' }
  /** The process stands still before the call, or before its answer. */
  | { is: 'paused before'; ms: number }
  | { is: 'paused after'; ms: number }
  /** An eventually consistent read sees everything as it was that long ago. */
  | { is: 'stale'; ms: number };

export interface AwsCall {
  process: Process;
  action: string;
  input: object;
  /** Counts the calls of a simulation. */
  n: number;
}

export interface AwsOptions {
  chance: Chance;
  fateOf: (call: AwsCall) => Fate;
  /** How long a message takes in one direction. */
  latencyMs: () => number;
  /** What AWS does, at once. */
  perform: (call: AwsCall, lagMs: number | undefined) => object;
  trace: (call: AwsCall, what: string) => void;
}

/** What the SDK waits for an answer. */
const answerTimeoutMs = 3000;

/** Calls to AWS as the SDK makes them: each attempt goes, happens as one step, and comes back; what can be repeated is. */
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

  /** Whatever has become of the process. */
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

/** An error as the SDK throws it. */
const awsError = (name: string) =>
  Object.assign(new Error(`${name} of the simulation`), {
    name,
    $fault: name === 'AccessDeniedException' ? 'client' : 'server',
    $metadata: {},
  });
