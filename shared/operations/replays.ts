const replays = new WeakSet<object>();

/** Marks an output as that of a repeated request, whose idempotency key an earlier request has used. */
export function asReplay<Output extends object>(output: Output): Output {
  replays.add(output);
  return output;
}

export const isReplay = (output: unknown): boolean =>
  typeof output === 'object' && output !== null && replays.has(output);
