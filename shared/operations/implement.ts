import type * as z from 'zod';
import type { Operation } from '../contract/operation.ts';
import type { Caller } from '../domain/caller.ts';
import type { Ports } from '../ports.ts';

/** An operation of the contract with its implementation. */
export interface Implementation<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  Name extends string = string,
> {
  contract: Operation<I, O, Name>;
  run: (ports: Ports, input: z.output<I>, caller: Caller) => Promise<z.output<O>>;
}

/** Binds an implementation to its row of the contract. */
export const implement = <I extends z.ZodType, O extends z.ZodType, Name extends string>(
  contract: Operation<I, O, Name>,
  run: Implementation<I, O, Name>['run'],
): Implementation<I, O, Name> => ({ contract, run });
