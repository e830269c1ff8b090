import type { AwsCall, Edge } from '#local/edge/edge.ts';

/** Runs a function once, right before the first matching call: what another process may do at that moment. */
export function beforeCall(edge: Edge, matches: (call: AwsCall) => boolean, act: () => Promise<unknown>): void {
  const restore = edge.intercept(async (call, next) => {
    if (!matches(call)) return next();
    restore();
    await act();
    return next();
  });
}

/** Runs a function once, right after the first matching call. */
export function afterCall(edge: Edge, matches: (call: AwsCall) => boolean, act: () => void): void {
  const restore = edge.intercept(async (call, next) => {
    const answer = await next();
    if (!matches(call)) return answer;
    restore();
    act();
    return answer;
  });
}

/** Performs the first matching call, but cuts the connection before its response. */
export function loseAnswer(edge: Edge, matches: (call: AwsCall) => boolean): void {
  const restore = edge.intercept(async (call, next) => {
    const answer = await next();
    if (!matches(call)) return answer;
    restore();
    return undefined;
  });
}

/** Performs the first matching call twice, as when the SDK repeats a call whose response was lost. */
export function repeatCall(edge: Edge, matches: (call: AwsCall) => boolean): void {
  const restore = edge.intercept(async (call, next) => {
    if (!matches(call)) return next();
    restore();
    await next();
    return next();
  });
}

/** Performs the first matching call now and, like a delayed try of it, once more when `happen` is called. */
export function repeatLater(edge: Edge, matches: (call: AwsCall) => boolean): { happen(): Promise<unknown> } {
  let late: () => Promise<unknown> = () => Promise.reject(new Error('No call has matched.'));
  const restore = edge.intercept((call, next) => {
    if (!matches(call)) return next();
    restore();
    late = next;
    return next();
  });
  return { happen: () => late() };
}

/**
 * Cuts the connection of the first matching call before it is performed. `happen` performs it later, after it has been
 * repeated.
 */
export function delayFirst(edge: Edge, matches: (call: AwsCall) => boolean): { happen(): Promise<unknown> } {
  let late: () => Promise<unknown> = () => Promise.reject(new Error('No call has matched.'));
  const restore = edge.intercept((call, next) => {
    if (!matches(call)) return next();
    restore();
    late = next;
    return Promise.resolve(undefined);
  });
  return { happen: () => late() };
}

/** Holds the first matching call in transit. `release` lets it through and waits until it is served. */
export function holdFirst(edge: Edge, matches: (call: AwsCall) => boolean): { release(): Promise<void> } {
  const released = Promise.withResolvers<undefined>();
  const served = Promise.withResolvers<undefined>();
  const restore = edge.intercept(async (call, next) => {
    if (!matches(call)) return next();
    restore();
    await released.promise;
    const answer = await next();
    served.resolve(undefined);
    return answer;
  });
  return {
    async release() {
      released.resolve(undefined);
      await served.promise;
    },
  };
}

/** Whether a call updates an item, or creates a task, whose key or new values contain a text. */
export const updates =
  (text: string) =>
  (call: AwsCall): boolean => {
    const { action, body } = call;
    const written = action === 'UpdateItem' ? [body['Key'], body['ExpressionAttributeValues']] : body['Item'];
    return (action === 'UpdateItem' || createsTask(call)) && JSON.stringify(written).includes(text);
  };

/** Whether a call puts a task where none exists. */
export const createsTask = ({ action, body }: AwsCall): boolean =>
  action === 'PutItem' && (body['Item'] as { sk?: { S?: string } }).sk?.S === 'T';
