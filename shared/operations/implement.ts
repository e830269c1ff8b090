import type * as z from 'zod';
import type { Operation } from '../contract/operation.ts';
import type { Caller } from '../domain/caller.ts';
import type { Ports } from '../ports.ts';

type Run<I extends z.ZodType, O extends z.ZodType> = (
  ports: Ports,
  input: z.output<I>,
  caller: Caller,
) => Promise<z.output<O>>;

/** An operation of the contract with what it does. */
export interface Implementation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  contract: Operation<I, O>;
  run: Run<I, O>;
}

/** Binds what an operation does to its row in the contract. */
export function implement<I extends z.ZodType, O extends z.ZodType>(
  contract: Operation<I, O>,
  run: Run<I, O>,
): Implementation<I, O> {
  return { contract, run };
}
